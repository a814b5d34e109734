/** The budget of polls, and the effects that subscribers share. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Either, Exit, Fiber, Layer, TestClock } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobWatcher from "effect-horde/JobWatcher"
import { stack } from "../support/stack.js"
import { runToEnd, small } from "../support/virtualTime.js"

const polls = (onPoll: (now: number) => void) => {
  const poll = Effect.map(Clock.currentTimeMillis, onPoll)
  return { check: poll, fetch: poll }
}

const checkAt = (due: number, expectedEnd = 0): JobWatcher.PollRequest => ({
  kind: "check",
  due,
  deadline: Number.POSITIVE_INFINITY,
  expectedEnd
})

describe("the requests of a job", () => {
  it.effect("a job without a request for its state is polled with the request for its results", () =>
    Effect.gen(function* () {
      const watcher = JobWatcher.make()
      const observation = yield* Effect.scoped(
        Effect.flatMap(watcher.subscribe("text 1", { fetch: Effect.succeed("a reply") }), ({ next }) =>
          next(checkAt(0))
        )
      )
      assert.strictEqual(observation._tag, "Fetched")
    })
  )
})

describe("the budget of polls", () => {
  it.effect("no more polls are sent per second than the budget allows", () =>
    Effect.gen(function* () {
      const watcher = JobWatcher.make({ pollsPerSecond: 10 })
      const sent: Array<number> = []
      const job = (number: number) =>
        Effect.scoped(
          Effect.flatMap(
            watcher.subscribe(
              `image ${number}`,
              polls((now) => sent.push(now))
            ),
            ({ next }) => next(checkAt(1000))
          )
        )
      const fiber = yield* Effect.fork(
        Effect.forEach(
          Array.from({ length: 40 }, (_, number) => number),
          job,
          { concurrency: "unbounded" }
        )
      )
      yield* TestClock.adjust("1 second")
      assert.isAtMost(sent.length, 2)
      yield* TestClock.adjust("1 second")
      assert.isAtMost(sent.length, 12)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      assert.lengthOf(sent, 40)
      const inOneSecond = sent.map((at) => sent.filter((other) => other >= at && other < at + 1000).length)
      assert.isAtMost(Math.max(...inOneSecond), 11)
    })
  )

  it.effect("jobs that are expected to end first are polled first", () =>
    Effect.gen(function* () {
      const watcher = JobWatcher.make({ pollsPerSecond: 1 })
      const order: Array<number> = []
      const fibers = yield* Effect.forEach([40_000, 10_000, 30_000, 20_000], (expectedEnd) =>
        Effect.fork(
          Effect.scoped(
            Effect.flatMap(
              watcher.subscribe(
                `image ${expectedEnd}`,
                polls(() => order.push(expectedEnd))
              ),
              ({ next }) => next(checkAt(1000, expectedEnd))
            )
          )
        )
      )
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(order, [10_000, 20_000, 30_000, 40_000])
    })
  )

  it.effect("a subscriber stops waiting at its deadline, though its poll hangs", () =>
    Effect.gen(function* () {
      const watcher = JobWatcher.make()
      const interrupted = yield* Deferred.make<void>()
      const hangs = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const fiber = yield* Effect.fork(
        Effect.scoped(
          Effect.flatMap(watcher.subscribe("image 1", { check: hangs, fetch: hangs }), ({ next }) =>
            next({ ...checkAt(1000), deadline: 5000 })
          )
        )
      )
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { _tag: "TimedOut" })
      yield* Deferred.await(interrupted)
    })
  )

  it.effect("a last request replaces a running one, and its reply goes to all subscribers", () =>
    Effect.gen(function* () {
      const watcher = JobWatcher.make()
      const fetch = Effect.delay(Effect.succeed("results"), "1 second")
      const subscribe = watcher.subscribe("image 1", { check: Effect.never, fetch })
      const first = yield* Effect.fork(Effect.scoped(Effect.flatMap(subscribe, ({ next }) => next(checkAt(1000)))))
      yield* TestClock.adjust("2 seconds")
      const last = yield* Effect.fork(
        Effect.scoped(Effect.flatMap(subscribe, ({ next }) => next({ ...checkAt(2000), kind: "last" })))
      )
      yield* TestClock.adjust("1 second")
      const expected: JobWatcher.Observation<never, string, never> = {
        _tag: "Fetched",
        sentAt: 2000,
        answer: Either.right("results")
      }
      assert.deepStrictEqual(yield* Fiber.join(last), expected)
      assert.deepStrictEqual(yield* Fiber.join(first), expected)
    })
  )
})

describe("JobWatcher.layerWith", () => {
  it.effect("a watcher that is merged replaces the one of Horde.layer", () =>
    Effect.gen(function* () {
      const jobs: Array<string> = []
      const watcher = JobWatcher.make()
      const recording = Layer.succeed(JobWatcher.JobWatcher, {
        subscribe: (job, polls) =>
          Effect.zipRight(
            Effect.sync(() => jobs.push(job)),
            watcher.subscribe(job, polls)
          )
      })
      const pictures = yield* runToEnd(
        Effect.provide(ImageGeneration.generate(small()), Layer.merge(stack(), recording))
      )
      assert.lengthOf(pictures, 1)
      assert.lengthOf(jobs, 1)
    })
  )
})

describe("an effect that subscribers share", () => {
  const none = polls(() => {})

  it.effect("runs once for all current subscribers", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const watcher = JobWatcher.make()
        const [one, other] = yield* Effect.all([watcher.subscribe("image 1", none), watcher.subscribe("image 1", none)])
        let runs = 0
        const effect = Effect.delay(
          Effect.sync(() => ++runs),
          "1 second"
        )
        const fibers = yield* Effect.forEach([one, other], ({ share }) => Effect.fork(share("key", effect)))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.joinAll(fibers), [1, 1])
        const again = yield* Effect.fork(one.share("key", effect))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(again), 2)
      })
    )
  )

  it.effect("runs again for the others if the subscriber that ran it is interrupted", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const watcher = JobWatcher.make()
        const [one, other] = yield* Effect.all([watcher.subscribe("image 1", none), watcher.subscribe("image 1", none)])
        const effect = Effect.delay(Effect.succeed("done"), "2 seconds")
        const first = yield* Effect.fork(one.share("key", effect))
        yield* TestClock.adjust("1 second")
        const second = yield* Effect.fork(other.share("key", effect))
        yield* Fiber.interrupt(first)
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(yield* Fiber.join(second), "done")
      })
    )
  )

  it.effect("fails for all subscribers with the same error", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const watcher = JobWatcher.make()
        const [one, other] = yield* Effect.all([watcher.subscribe("image 1", none), watcher.subscribe("image 1", none)])
        const exits = yield* Effect.forEach([one, other], ({ share }) => Effect.exit(share("key", Effect.fail("no"))))
        assert.deepStrictEqual(exits, [Exit.fail("no"), Exit.fail("no")])
      })
    )
  )
})
