/** The layer that recovers when it starts, and again as long as it lives. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { type Duration, Effect, Exit, Layer, Scope, TestClock } from "effect"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "../support/disk.js"
import { inIds, live, lost, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import {
  cancels,
  clearFaults,
  jobOutcomes,
  jobs,
  logged,
  requests,
  runToEnd,
  script,
  small,
  submits
} from "../support/virtualTime.js"

const slow = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "100 seconds" }, limits: "raised" }))

const idle = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false }, limits: "raised" }))

/** A program that recovers by itself; what it is told, and its end. */
const recovering = (
  disk: Disk.Disk,
  options: Omit<Recovery.RecoverOptions, "kinds" | "onRecovered"> & { readonly every?: Duration.DurationInput },
  programOptions?: Programs.Options
) =>
  Effect.gen(function* () {
    const program = yield* Programs.start(disk, programOptions)
    const told: Array<Recovery.Recovered> = []
    const scope = yield* Scope.make()
    const layer = Recovery.layer({
      kinds: [ImageGeneration.kind],
      ...options,
      onRecovered: (it) => Effect.sync(() => void told.push(it))
    })
    yield* program.run(Layer.buildWithScope(layer, scope))
    yield* Effect.addFinalizer(() => Effect.forkDaemon(Scope.close(scope, Exit.void)))
    return { program, told, close: Scope.close(scope, Exit.void) }
  })

/** A disk with the journal of a program that was killed after an answer to it was lost. */
const withLostAnswer = (options?: Programs.Options) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const dead = yield* Programs.start(disk, options)
    yield* lost(dead)
    yield* dead.kill
    return disk
  })

const outcomes = (told: ReadonlyArray<Recovery.Recovered>) =>
  told.map(({ unknown }) => unknown.map(({ outcome }) => outcome))

const pass = (seconds: number) => runToEnd(Effect.sleep(`${seconds} seconds`))

describe("the layer that recovers", () => {
  it.scoped("takes up what was left when it starts, and what is left later", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const first = yield* Programs.start(disk)
      const early = yield* live(first)
      yield* first.kill
      const second = yield* Programs.start(disk)
      const late = yield* live(second)
      const { close, told } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(15)
      assert.deepStrictEqual(told.map(inIds), [{ ...noIds, cancelled: [early] }])
      yield* second.kill
      yield* pass(60)
      assert.deepStrictEqual(told.map(inIds).slice(1), [{ ...noIds, cancelled: [late] }])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("says nothing where there is nothing to say", () =>
    Effect.gen(function* () {
      const { close, program, told } = yield* recovering(Disk.make(), { policy: "resume" })
      yield* runToEnd(Effect.scoped(program.run(ImageGeneration.submit(small()))))
      yield* pass(60)
      assert.deepStrictEqual(told, [])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("says once what it leaves as it is", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const { close, told } = yield* recovering(disk, { policy: "leave" })
      yield* pass(90)
      assert.deepStrictEqual(told.map(inIds), [{ ...noIds, left: [id] }])
      yield* runToEnd(close)
      assert.lengthOf(yield* cancels, 0)
    }).pipe(slow)
  )

  it.scoped("tells a lost answer once, and does not look into it again", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer({ apiKey: Accounts.anonymousKey })
      const { close, told } = yield* recovering(disk, { policy: "resume" })
      yield* pass(120)
      assert.deepStrictEqual(outcomes(told), [["open"]])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("looks again where the account could not be asked, and tells what is news", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      yield* script(Faults.respond({ status: 500, body: "no" }, { path: "/v2/find_user" }))
      const { close, told } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(200)
      assert.deepStrictEqual(outcomes(told), [["open"]])
      yield* clearFaults
      yield* pass(60)
      assert.deepStrictEqual(outcomes(told), [["open"], ["found"]])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      yield* runToEnd(close)
    }).pipe(idle)
  )

  it.scoped("leaves alone what it is told of: a probable job is not asked for again and again", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      const { close, told } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(60)
      const asked = yield* requests("GET", "/v2/find_user")
      yield* pass(300)
      assert.deepStrictEqual(outcomes(told), [["probable"]])
      assert.lengthOf(yield* requests("GET", "/v2/find_user"), asked.length)
      yield* runToEnd(close)
    }).pipe(
      Effect.provide(
        HordeServer.layerClient({ seed: 1, worker: { takesJobs: false }, limits: "raised", exposesRequests: false })
      )
    )
  )

  it.scoped("holds what it resumed, as long as it lives", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const { close, told } = yield* recovering(disk, { policy: "resume" })
      yield* pass(60)
      assert.deepStrictEqual(told.map(inIds), [{ ...noIds, resumed: [id] }])
      assert.lengthOf(yield* cancels, 0)
      yield* runToEnd(close)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )

  it.scoped("gives what it resumed to whoever it tells, whose work ends with it", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* live(dead)
      yield* live(dead, small("a bay", 8))
      yield* dead.kill
      const program = yield* Programs.start(disk)
      const ends: Array<string> = []
      const layer = Recovery.layer({
        kinds: [ImageGeneration.kind],
        policy: "resume",
        onRecovered: ({ resumed }) =>
          Effect.forEach(
            resumed,
            (ticket) =>
              Effect.scoped(Effect.flatMap(ImageGeneration.resume(ticket), ({ result }) => result)).pipe(
                Effect.onExit((exit) => Effect.sync(() => void ends.push(exit._tag)))
              ),
            { concurrency: "unbounded", discard: true }
          ).pipe(Effect.ignore)
      })
      const scope = yield* Scope.make()
      yield* program.run(Layer.buildWithScope(layer, scope))
      yield* pass(150)
      assert.deepStrictEqual(ends, ["Success"])
      yield* runToEnd(Scope.close(scope, Exit.void))
      assert.deepStrictEqual(ends, ["Success", "Failure"])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
      assert.deepStrictEqual((yield* program.run(Programs.states)).slice().sort(), ["cancelled", "delivered"])
      assert.lengthOf(yield* submits, 2)
    }).pipe(slow)
  )

  it.scoped("logs what goes wrong, and goes on", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const run = Effect.gen(function* () {
        const { close, told } = yield* recovering(disk, { policy: "cancel" })
        // who cannot write what he takes leaves it where it is
        disk.setRoom(0)
        yield* pass(25)
        assert.deepStrictEqual(told, [])
        disk.setRoom(Number.POSITIVE_INFINITY)
        yield* pass(30)
        assert.deepStrictEqual(told.map(inIds), [{ ...noIds, cancelled: [id] }])
        yield* runToEnd(close)
      })
      const { lines } = yield* logged(run)
      assert.match(lines.join("\n"), /WARN.*recovery failed/)
      assert.notInclude(lines.join("\n"), id)
    }).pipe(slow)
  )

  it.scoped("closes at once, also while it waits", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      const { close, told } = yield* recovering(disk, { policy: "cancel" })
      yield* TestClock.adjust("20 seconds")
      yield* close
      yield* pass(60)
      assert.deepStrictEqual(told, [])
      assert.lengthOf(yield* jobs, 1)
      assert.lengthOf(yield* requests("GET", "/v2/find_user"), 0)
    }).pipe(slow)
  )

  it.scoped("is not held up by a lost answer of another account, of which nothing can be found out", () =>
    Effect.gen(function* () {
      const { close, program, told } = yield* recovering(Disk.make(), { policy: "cancel", exclusiveKeys: true })
      yield* script(Faults.reset("after", { method: "POST" }))
      const submit = Effect.scoped(program.run(ImageGeneration.submit(small())))
      yield* runToEnd(Effect.flip(HordeClient.withApiKey(HordeClient.anonymous)(submit)), "1 second")
      yield* pass(150)
      assert.deepStrictEqual(outcomes(told), [["open"]])
      yield* runToEnd(Effect.flip(submit), "1 second")
      yield* clearFaults
      yield* pass(60)
      assert.deepStrictEqual(outcomes(told), [["open"], ["found"]])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "cancelled 1"])
      yield* runToEnd(close)
    }).pipe(idle)
  )

  it.scoped("does not hand out again what ended for good", () =>
    Effect.gen(function* () {
      const { close, program, told } = yield* recovering(Disk.make(), { policy: "resume" })
      yield* script(Faults.failAttempts(2))
      const save = Effect.scoped(
        Effect.flatMap(ImageGeneration.submit(small()), (job) => ImageGeneration.save(job, { directory: "/pictures" }))
      )
      const error = yield* runToEnd(Effect.flip(program.run(Effect.provide(save, program.disk.layer))))
      assert.strictEqual(error._tag, "JobFaulted")
      yield* pass(60)
      assert.deepStrictEqual(told, [])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered"])
      yield* runToEnd(close)
    }).pipe(slow)
  )
})
