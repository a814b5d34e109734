/** Known jobs never wait for a search for lost submits, and a search is not repeated after its result is stored. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Clock, Effect, Exit, Fiber, Layer, Redacted, Scope } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Recovery from "effect-horde/Recovery"
import * as Retry from "effect-horde/Retry"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import { entry } from "../journal/entries.js"
import * as Disk from "../support/disk.js"
import { withDriftingClock } from "../support/driftingClock.js"
import { inIds, live, lost, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { baseUrl } from "../support/stack.js"
import { clearFaults, jobOutcomes, requests, runToEnd, script, small, timed } from "../support/virtualTime.js"

const options = { seed: 1, worker: { takesJobs: false }, limits: "raised" } as const
const server = Effect.provide(HordeServer.layerClient(options))
const older = Effect.provide(HordeServer.layerClient({ ...options, exposesRequests: false }))

/** Without the client's own rate limit. */
const withoutLimits = Layer.mergeAll(ImageGeneration.layer, TextGeneration.layer, Users.layer).pipe(
  Layer.provideMerge(FollowUp.layer()),
  Layer.provideMerge(JobJournal.layerMemory),
  Layer.provideMerge(HordeClient.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) })),
  Layer.provide([JobQuota.layerNone, RateLimit.layerNone, Retry.layerNone]),
  Layer.provideMerge(HordeServer.layerClient(options))
)

const outcomesOf = ({ unknown }: Recovery.Recovered) => unknown.map(({ outcome }) => outcome)

const recovered = (program: Programs.Program, options: Partial<Omit<Recovery.RecoverOptions, "kinds">> = {}) =>
  runToEnd(
    timed(Effect.scoped(program.run(Recovery.recover({ kinds: Horde.kinds, policy: "cancel", ...options })))),
    "1 second"
  )

const lists = Effect.map(requests("GET", "/v2/find_user"), (all) => all.length)

/** A disk on which a program left a lost submit that another program has reported. */
const reported = Effect.gen(function* () {
  const disk = Disk.make()
  const dead = yield* Programs.start(disk)
  yield* lost(dead)
  yield* dead.leave
  const first = yield* Programs.start(disk)
  const { took, value } = yield* recovered(first)
  assert.deepStrictEqual(outcomesOf(value), ["probable"])
  assert.strictEqual(took, 31_000)
  yield* first.leave
  return { disk, lost: value.unknown }
})

describe("lost submits that were reported", () => {
  it.scoped("a reported submit is reported again at once by the next program", () =>
    Effect.gen(function* () {
      const { disk, lost } = yield* reported
      const asked = yield* lists
      const { took, value } = yield* recovered(yield* Programs.start(disk))
      assert.deepStrictEqual(value.unknown, lost)
      assert.strictEqual(took, 0)
      assert.strictEqual(yield* lists, asked)
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(older)
  )

  it.scoped("a reported submit is reported again at once by the same program with a journal in memory", () =>
    Effect.gen(function* () {
      const layer = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(Layer.fresh)
      const context = yield* Layer.build(layer)
      const program = { run: Effect.provide(context) } as Programs.Program
      yield* lost(program)
      assert.strictEqual((yield* recovered(program)).took, 31_000)
      const { took, value } = yield* recovered(program)
      assert.deepStrictEqual(outcomesOf(value), ["probable"])
      assert.strictEqual(took, 0)
    }).pipe(older)
  )

  it.scoped("a reported submit is searched for again with exclusiveKeys", () =>
    Effect.gen(function* () {
      const { disk } = yield* reported
      const { value } = yield* recovered(yield* Programs.start(disk), { exclusiveKeys: true })
      assert.deepStrictEqual(outcomesOf(value), ["found"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(older)
  )

  it.scoped(
    "the candidate of a reported submit is not assigned to another lost submit: both are searched for together",
    () =>
      Effect.gen(function* () {
        const { disk } = yield* reported
        const dead = yield* Programs.start(disk)
        yield* lost(dead, small("never started"), "before")
        yield* dead.leave
        const { value } = yield* recovered(yield* Programs.start(disk))
        assert.deepStrictEqual(outcomesOf(value), ["probable", "probable"])
        assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      }).pipe(older)
  )

  it.scoped("each Recovery.layer reports a stored result once when it starts", () =>
    Effect.gen(function* () {
      const { disk } = yield* reported
      const program = yield* Programs.start(disk)
      const events: Array<readonly [number, ReadonlyArray<string>]> = []
      const started = yield* Clock.currentTimeMillis
      const onRecovered = (it: Recovery.Recovered) =>
        Effect.map(Clock.currentTimeMillis, (now) => void events.push([now - started, outcomesOf(it)]))
      const scope = yield* Scope.make()
      yield* program.run(
        Layer.buildWithScope(Recovery.layer({ kinds: Horde.kinds, policy: "cancel", onRecovered }), scope)
      )
      yield* runToEnd(Effect.sleep("2 minutes"))
      yield* runToEnd(Scope.close(scope, Exit.void))
      assert.deepStrictEqual(events, [[0, ["probable"]]])
    }).pipe(older)
  )
})

describe("jobs with known ids", () => {
  it.scoped("recovery takes over known jobs at once while it searches for lost submits", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead)
      yield* lost(dead, small("lost"))
      yield* dead.kill
      const program = yield* Programs.start(disk)
      const events: Array<readonly [number, unknown]> = []
      const started = yield* Clock.currentTimeMillis
      const onRecovered = (it: Recovery.Recovered) =>
        Effect.map(Clock.currentTimeMillis, (now) => void events.push([now - started, inIds(it)]))
      const recover = program.run(Recovery.recover({ kinds: Horde.kinds, policy: "cancel", onRecovered }))
      const all = Effect.scoped(Effect.zipLeft(recover, Effect.yieldNow()))
      const { took, value } = yield* runToEnd(timed(all), "1 second")
      assert.strictEqual(took, 41_000)
      assert.deepStrictEqual(events[0], [10_000, { ...noIds, cancelled: [id] }])
      assert.lengthOf(events, 2)
      assert.strictEqual(inIds(value).cancelled[0], id)
      assert.lengthOf(value.cancelled, 2)
      assert.deepStrictEqual(outcomesOf(value), ["found"])
    }).pipe(server)
  )

  it.scoped("a second recovery takes over known jobs while the first one searches", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      yield* lost(program)
      const first = yield* Effect.fork(
        Effect.scoped(program.run(Recovery.recover({ kinds: Horde.kinds, policy: "leave" })))
      )
      yield* runToEnd(Effect.sleep("5 seconds"), "1 second")
      const dead = yield* Programs.start(disk)
      const id = yield* live(dead, small("left behind"))
      yield* dead.kill
      const events: Array<unknown> = []
      const onRecovered = (it: Recovery.Recovered) => Effect.sync(() => void events.push(inIds(it)))
      const second = yield* Effect.fork(
        Effect.scoped(program.run(Recovery.recover({ kinds: Horde.kinds, policy: "cancel", onRecovered })))
      )
      yield* runToEnd(Effect.sleep("11 seconds"), "1 second")
      assert.deepStrictEqual(events, [{ ...noIds, cancelled: [id] }])
      assert.strictEqual((yield* Fiber.poll(first))._tag, "None")
      yield* runToEnd(Effect.zip(Fiber.join(first), Fiber.join(second)))
    }).pipe(older)
  )

  it.scoped("Recovery.layer takes over known jobs while it searches", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* lost(dead, small("never started"), "before")
      yield* dead.leave
      const other = yield* Programs.start(disk)
      const id = yield* live(other)
      const program = yield* Programs.start(disk)
      const events: Array<readonly [number, unknown]> = []
      const started = yield* Clock.currentTimeMillis
      const onRecovered = (it: Recovery.Recovered) =>
        Effect.map(Clock.currentTimeMillis, (now) => void events.push([now - started, inIds(it)]))
      const scope = yield* Scope.make()
      yield* program.run(
        Layer.buildWithScope(Recovery.layer({ kinds: Horde.kinds, policy: "cancel", onRecovered }), scope)
      )
      yield* runToEnd(Effect.sleep("11 seconds"), "1 second")
      yield* other.kill
      yield* runToEnd(Effect.sleep("3 minutes"), "1 second")
      yield* runToEnd(Scope.close(scope, Exit.void))
      assert.deepStrictEqual(events[0]?.[1], { ...noIds, cancelled: [id] })
      assert.isBelow(events[0]?.[0] ?? 0, 50_000)
      assert.deepStrictEqual(events[1]?.[1], noIds)
      assert.isAbove(events[1]?.[0] ?? 0, 100_000)
    }).pipe(server)
  )
})

describe("searches for lost submits", () => {
  it.scoped("searches under several keys run concurrently", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      for (const apiKey of [Accounts.plainKey, Accounts.ownerKey]) {
        const dead = yield* Programs.start(disk, { apiKey })
        yield* lost(dead)
        yield* dead.leave
      }
      const apiKeys = [Redacted.make(Accounts.ownerKey)]
      const { took, value } = yield* recovered(yield* Programs.start(disk), { apiKeys })
      assert.deepStrictEqual(outcomesOf(value), ["found", "found"])
      assert.strictEqual(took, 31_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(server)
  )

  it.scoped("a search takes no longer after the wall clock was set back", () =>
    withDriftingClock((shiftWallClock) =>
      Effect.gen(function* () {
        yield* script(Faults.reset("before", { method: "POST" }))
        yield* Effect.flip(Effect.scoped(ImageGeneration.submit(small())))
        yield* clearFaults
        yield* shiftWallClock(-3_600_000)
        const before = yield* Clock.currentTimeNanos
        const value = yield* runToEnd(
          Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy: "cancel" })),
          "1 second"
        )
        assert.deepStrictEqual(outcomesOf(value), ["absent"])
        assert.strictEqual(Number((yield* Clock.currentTimeNanos) - before) / 1e9, 31 + 151)
      }).pipe(Effect.provide(withoutLimits))
    )
  )
})

describe("journal entries with search results", () => {
  it.effect("an entry stores the result of a search, prints no ids, and decodes without the field", () =>
    Effect.gen(function* () {
      const before = yield* entry({ key: "a" })
      assert.isUndefined((yield* JobJournal.decode(JobJournal.encode(before))).search)
      const search = {
        outcome: "probable",
        reason: "why",
        candidates: [Redacted.make("an-id")],
        exclusiveKeys: false
      } as const
      const read = yield* JobJournal.decode(JobJournal.encode(new JobJournal.Entry({ ...before, search })))
      assert.deepStrictEqual(read.search, search)
      assert.notInclude(JSON.stringify(read.search), "an-id")
    })
  )
})
