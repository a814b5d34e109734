/** What the layer does with open jobs when it closes, and streams with several consumers. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect, Exit, Fiber, Scope, Stream, TestClock } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { stack } from "../support/stack.js"
import {
  anotherClient,
  cancels,
  checks,
  clearFaults,
  jobOutcomes,
  jobs,
  logged,
  runToEnd,
  script,
  small,
  submits,
  timed
} from "../support/virtualTime.js"

const idle = { takesJobs: false }
const server = Effect.provide(HordeServer.layerClient({ seed: 1, worker: idle }))
const whole = Effect.provide(stack({ server: { worker: idle } }))

describe("scopes that outlive their layer", () => {
  it.effect("a closing layer cancels the jobs of open scopes, and the scopes do not cancel them again", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            yield* Effect.provide(ImageGeneration.submit(small()), anotherClient)
            assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
          })
        )
      )
      assert.lengthOf(yield* cancels, 1)
    }).pipe(server)
  )

  it.effect("a closing layer cancels the jobs of an open scope concurrently", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("2 seconds", { method: "DELETE" }))
      const two = Effect.zip(ImageGeneration.submit(small("1")), ImageGeneration.submit(small("2")))
      const { took } = yield* runToEnd(Effect.scoped(timed(Effect.provide(two, anotherClient))))
      assert.strictEqual(took, 2000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(server)
  )

  it.effect("a job that is started in a closed scope is cancelled at once", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Scope.extend(ImageGeneration.submit(small("in time")), scope)
      yield* Scope.close(scope, Exit.void)
      yield* Scope.extend(ImageGeneration.submit(small("too late")), scope)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      const never = yield* Scope.make()
      yield* Scope.close(never, Exit.void)
      yield* TestClock.adjust("1 second")
      yield* Scope.extend(ImageGeneration.submit(small("never in time")), never)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1", "cancelled 1"])
    }).pipe(whole)
  )
})

describe("layers that close during a submit", () => {
  const interruptedAfter50ms = Effect.gen(function* () {
    const fiber = yield* Effect.fork(ImageGeneration.generate(small()))
    yield* Effect.sleep("50 millis")
    yield* Fiber.interrupt(fiber)
  }).pipe(Effect.provide(anotherClient))

  it.effect("a closing layer waits for the reply of a submit and cancels the id", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("4 seconds", { method: "POST" }))
      const { took } = yield* runToEnd(timed(interruptedAfter50ms))
      assert.strictEqual(took, 4000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(server)
  )

  it.effect("a closing layer waits four seconds at most for a submit and logs that its outcome is unknown", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("after", { method: "POST" }))
      const { lines, value } = yield* runToEnd(logged(timed(interruptedAfter50ms)))
      assert.strictEqual(value.took, 4050)
      assert.deepStrictEqual(
        lines.filter((line) => line.includes("unknown")),
        ["WARN 1 submit(s) timed out: it is unknown whether their jobs were started"]
      )
    }).pipe(server)
  )

  it.effect("an id that arrives after the layer has closed is cancelled while the program runs", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("9 seconds", { method: "POST" }))
      const { took } = yield* runToEnd(timed(interruptedAfter50ms))
      assert.strictEqual(took, 4050)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(server)
  )

  it.effect("a closing layer without open jobs logs nothing", () =>
    Effect.gen(function* () {
      const quiet = Effect.provide(ImageGeneration.price(small()), anotherClient)
      const { lines, value } = yield* runToEnd(logged(timed(quiet)))
      assert.strictEqual(value.took, 0)
      assert.deepStrictEqual(lines, [])
    }).pipe(server)
  )
})

describe("failing cancels", () => {
  it.effect("a failing cancel is given up after four seconds and logged without the job's id", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond({ status: 503 }, { method: "DELETE" }))
      const { lines, value } = yield* runToEnd(logged(timed(Effect.scoped(ImageGeneration.submit(small())))))
      assert.strictEqual(value.took, 4000)
      const id = (yield* jobs)[0]?.id ?? ""
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^WARN cancel failed; the job may still be running/)
      assert.notInclude(lines[0], id)
      assert.isAbove((yield* cancels).length, 2)
      yield* clearFaults
    }).pipe(whole)
  )

  it.effect("a closing layer repeats a failed cancel while the server knows the job", () =>
    Effect.gen(function* () {
      const left = Effect.gen(function* () {
        yield* script(Faults.hang("before", { method: "DELETE" }))
        yield* Effect.scoped(ImageGeneration.submit(small()))
        yield* clearFaults
        assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      }).pipe(Effect.provide(anotherClient))
      yield* runToEnd(left)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(server)
  )

  it.effect("a cancel of a job that the server has forgotten logs nothing", () =>
    Effect.gen(function* () {
      const forgotten = Effect.scoped(
        Effect.zipRight(ImageGeneration.submit(small()), Effect.delay(script(Faults.vanish()), "10 seconds"))
      )
      const { lines } = yield* runToEnd(logged(forgotten))
      assert.deepStrictEqual(lines, [])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(whole)
  )
})

describe("streams with several consumers", () => {
  const events = ImageGeneration.progress(small())
  const until = (seconds: number, stream: typeof events) =>
    Stream.runDrain(Stream.interruptAfter(stream, `${seconds} seconds`))

  it.effect("a shared stream cancels its job when its last consumer ends", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const shared = yield* Stream.share(events, { capacity: 16 })
            const first = yield* Effect.fork(until(5, shared))
            const second = yield* Effect.fork(until(10, shared))
            yield* Fiber.join(first)
            assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
            yield* Fiber.join(second)
            assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
          })
        )
      )
      assert.lengthOf(yield* submits, 1)
      assert.lengthOf(yield* cancels, 1)
    }).pipe(whole)
  )

  it.effect("a broadcast stream cancels its job when the surrounding scope closes", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const [first, second] = yield* Stream.broadcast(events, 2, { capacity: "unbounded" })
            yield* Effect.all([until(5, first), until(6, second)], { concurrency: "unbounded" })
            const asked = (yield* checks).length
            yield* Effect.sleep("10 seconds")
            assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
            assert.isAbove((yield* checks).length, asked)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* submits, 1)
    }).pipe(whole)
  )
})
