/** `Recovery.layer` recovers when it starts, and periodically until it closes. */
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

/** A program with `Recovery.layer`; the results that `onRecovered` got, and its end. */
const recovering = (
  disk: Disk.Disk,
  options: Omit<Recovery.RecoverOptions, "kinds" | "onRecovered"> & { readonly every?: Duration.DurationInput },
  programOptions?: Programs.Options
) =>
  Effect.gen(function* () {
    const program = yield* Programs.start(disk, programOptions)
    const reports: Array<Recovery.Recovered> = []
    const scope = yield* Scope.make()
    const layer = Recovery.layer({
      kinds: [ImageGeneration.kind],
      ...options,
      onRecovered: (it) => Effect.sync(() => void reports.push(it))
    })
    yield* program.run(Layer.buildWithScope(layer, scope))
    yield* Effect.addFinalizer(() => Effect.forkDaemon(Scope.close(scope, Exit.void)))
    return { program, reports, close: Scope.close(scope, Exit.void) }
  })

/** A disk with the journal of a program that was killed after the reply to a submit was lost. */
const withLostAnswer = (options?: Programs.Options) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const dead = yield* Programs.start(disk, options)
    yield* lost(dead)
    yield* dead.kill
    return disk
  })

const outcomes = (reports: ReadonlyArray<Recovery.Recovered>) =>
  reports.map(({ unknown }) => unknown.map(({ outcome }) => outcome))

const pass = (seconds: number) => runToEnd(Effect.sleep(`${seconds} seconds`))

describe("Recovery.layer", () => {
  it.scoped("Recovery.layer takes over the jobs of dead programs when it starts and later", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const first = yield* Programs.start(disk)
      const early = yield* live(first)
      yield* first.kill
      const second = yield* Programs.start(disk)
      const late = yield* live(second)
      const { close, reports } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(15)
      assert.deepStrictEqual(reports.map(inIds), [{ ...noIds, cancelled: [early] }])
      yield* second.kill
      yield* pass(60)
      assert.deepStrictEqual(reports.map(inIds).slice(1), [{ ...noIds, cancelled: [late] }])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer does not call onRecovered without results", () =>
    Effect.gen(function* () {
      const { close, program, reports } = yield* recovering(Disk.make(), { policy: "resume" })
      yield* runToEnd(Effect.scoped(program.run(ImageGeneration.submit(small()))))
      yield* pass(60)
      assert.deepStrictEqual(reports, [])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer reports a job that it leaves once", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const { close, reports } = yield* recovering(disk, { policy: "leave" })
      yield* pass(90)
      assert.deepStrictEqual(reports.map(inIds), [{ ...noIds, left: [id] }])
      yield* runToEnd(close)
      assert.lengthOf(yield* cancels, 0)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer reports a lost submit once and does not search for it again", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer({ apiKey: Accounts.anonymousKey })
      const { close, reports } = yield* recovering(disk, { policy: "resume" })
      yield* pass(120)
      assert.deepStrictEqual(outcomes(reports), [["open"]])
      yield* runToEnd(close)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer searches again if the account could not be read, and reports the new result", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      yield* script(Faults.respond({ status: 500, body: "no" }, { path: "/v2/find_user" }))
      const { close, reports } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(200)
      assert.deepStrictEqual(outcomes(reports), [["open"]])
      yield* clearFaults
      yield* pass(60)
      assert.deepStrictEqual(outcomes(reports), [["open"], ["found"]])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      yield* runToEnd(close)
    }).pipe(idle)
  )

  it.scoped("Recovery.layer does not search again for a job that it reported as probable", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      const { close, reports } = yield* recovering(disk, { policy: "cancel" })
      yield* pass(60)
      const asked = yield* requests("GET", "/v2/find_user")
      yield* pass(300)
      assert.deepStrictEqual(outcomes(reports), [["probable"]])
      assert.lengthOf(yield* requests("GET", "/v2/find_user"), asked.length)
      yield* runToEnd(close)
    }).pipe(
      Effect.provide(
        HordeServer.layerClient({ seed: 1, worker: { takesJobs: false }, limits: "raised", exposesRequests: false })
      )
    )
  )

  it.scoped("Recovery.layer keeps resumed jobs until it closes", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const { close, reports } = yield* recovering(disk, { policy: "resume" })
      yield* pass(60)
      assert.deepStrictEqual(reports.map(inIds), [{ ...noIds, resumed: [id] }])
      assert.lengthOf(yield* cancels, 0)
      yield* runToEnd(close)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )

  it.scoped("Recovery.layer closes a resumed job when the work of onRecovered ends", () =>
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

  it.scoped("Recovery.layer logs failures and continues", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* dead.kill
      const run = Effect.gen(function* () {
        const { close, reports } = yield* recovering(disk, { policy: "cancel" })
        // entries that cannot be written are not taken over
        disk.setRoom(0)
        yield* pass(25)
        assert.deepStrictEqual(reports, [])
        disk.setRoom(Number.POSITIVE_INFINITY)
        yield* pass(30)
        assert.deepStrictEqual(reports.map(inIds), [{ ...noIds, cancelled: [id] }])
        yield* runToEnd(close)
      })
      const { lines } = yield* logged(run)
      assert.match(lines.join("\n"), /WARN.*recovery failed/)
      assert.notInclude(lines.join("\n"), id)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer closes at once, also while it waits", () =>
    Effect.gen(function* () {
      const disk = yield* withLostAnswer()
      const { close, reports } = yield* recovering(disk, { policy: "cancel" })
      yield* TestClock.adjust("20 seconds")
      yield* close
      yield* pass(60)
      assert.deepStrictEqual(reports, [])
      assert.lengthOf(yield* jobs, 1)
      assert.lengthOf(yield* requests("GET", "/v2/find_user"), 0)
    }).pipe(slow)
  )

  it.scoped("Recovery.layer takes over jobs while another account's lost submit stays open", () =>
    Effect.gen(function* () {
      const { close, program, reports } = yield* recovering(Disk.make(), { policy: "cancel", exclusiveKeys: true })
      yield* script(Faults.reset("after", { method: "POST" }))
      const submit = Effect.scoped(program.run(ImageGeneration.submit(small())))
      yield* runToEnd(Effect.flip(HordeClient.withApiKey(HordeClient.anonymous)(submit)), "1 second")
      yield* pass(150)
      assert.deepStrictEqual(outcomes(reports), [["open"]])
      yield* runToEnd(Effect.flip(submit), "1 second")
      yield* clearFaults
      yield* pass(60)
      assert.deepStrictEqual(outcomes(reports), [["open"], ["found"]])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "cancelled 1"])
      yield* runToEnd(close)
    }).pipe(idle)
  )

  it.scoped("Recovery.layer does not report a job again after its end", () =>
    Effect.gen(function* () {
      const { close, program, reports } = yield* recovering(Disk.make(), { policy: "resume" })
      yield* script(Faults.failAttempts(2))
      const save = Effect.scoped(
        Effect.flatMap(ImageGeneration.submit(small()), (job) => ImageGeneration.save(job, { directory: "/pictures" }))
      )
      const error = yield* runToEnd(Effect.flip(program.run(Effect.provide(save, program.disk.layer))))
      assert.strictEqual(error._tag, "JobFaulted")
      yield* pass(60)
      assert.deepStrictEqual(reports, [])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered"])
      yield* runToEnd(close)
    }).pipe(slow)
  )
})
