/** A recovery takes over the entries of a dead program, by policy. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import { fingerprint } from "../../packages/horde/src/internal/journal/fingerprint.js"
import * as Disk from "../support/disk.js"
import { finished, inIds, live, lost, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { baseUrl } from "../support/stack.js"
import { cancels, clearFaults, jobOutcomes, runToEnd, script, small, submits, timed } from "../support/virtualTime.js"

/** Jobs are slow: a job that has just been submitted is not over when it is recovered. */
const slow = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "50 seconds" }, limits: "raised" }))

const recover = (program: Programs.Program, policy: Recovery.Policy) =>
  program.run(Recovery.recover({ kinds: Horde.kinds, policy }))

const recovered = (program: Programs.Program, policy: Recovery.Policy) =>
  runToEnd(Effect.map(Effect.scoped(recover(program, policy)), inIds))

/** A disk on which a killed program has left one finished job and one live job. */
const left = Effect.gen(function* () {
  const disk = Disk.make()
  const dead = yield* Programs.start(disk)
  const [over, running] = [yield* finished(dead), yield* live(dead)]
  yield* dead.kill
  return { disk, over, running }
})

describe("jobs of a dead program", () => {
  it.scoped("resume continues live jobs and delivers finished ones", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      const { value } = yield* runToEnd(
        timed(
          Effect.scoped(
            Effect.gen(function* () {
              const found = yield* recover(next, "resume")
              assert.deepStrictEqual(inIds(found), { ...noIds, resumed: [over, running] })
              const jobs = yield* Effect.forEach(found.resumed, (ticket) => next.run(ImageGeneration.resume(ticket)))
              return yield* Effect.forEach(jobs, ({ result }) => result, { concurrency: "unbounded" })
            })
          )
        )
      )
      assert.deepStrictEqual(
        value.map(({ length }) => length),
        [1, 1]
      )
      assert.deepStrictEqual(yield* next.run(Programs.states), ["delivered", "delivered"])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "finished 0"])
      assert.lengthOf(yield* submits, 2)
    }).pipe(slow)
  )

  it.scoped("cancel cancels live jobs and not finished ones", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* recovered(next, "cancel"), { ...noIds, cancelled: [running], left: [over] })
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
      assert.deepStrictEqual(yield* next.run(Programs.states), ["delivered", "cancelled"])
    }).pipe(slow)
  )

  it.scoped("leave does nothing with jobs, and another policy finds them", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* recovered(next, "leave"), { ...noIds, left: [over, running] })
      assert.lengthOf(yield* cancels, 0)
      assert.deepStrictEqual(yield* next.run(Programs.states), ["finished", "live"])
      yield* next.leave
      assert.lengthOf(yield* cancels, 0)
      const last = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* recovered(last, "cancel"), { ...noIds, cancelled: [running], left: [over] })
    }).pipe(slow)
  )

  for (const policy of ["resume", "cancel"] as const) {
    it.scoped(`${policy} reports each job once`, () =>
      Effect.gen(function* () {
        const { disk } = yield* left
        const next = yield* Programs.start(disk)
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              yield* recover(next, policy)
              assert.deepStrictEqual(inIds(yield* recover(next, policy)), noIds)
              const other = yield* Programs.start(disk)
              assert.deepStrictEqual(inIds(yield* recover(other, policy)), noIds)
            })
          )
        )
      }).pipe(slow)
    )
  }

  it.scoped("recovery takes over the jobs of a killed program after one lease", () =>
    Effect.gen(function* () {
      const { disk } = yield* left
      const next = yield* Programs.start(disk)
      const { took } = yield* runToEnd(timed(Effect.scoped(recover(next, "leave"))), "1 second")
      assert.strictEqual(took, 10_000)
    }).pipe(slow)
  )

  it.scoped("recovery takes no jobs of a program that is alive", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const alive = yield* Programs.start(disk)
      yield* live(alive)
      const next = yield* Programs.start(disk)
      for (const policy of ["resume", "cancel", "leave"] as const) {
        assert.deepStrictEqual(yield* recovered(next, policy), noIds)
      }
      assert.lengthOf(yield* cancels, 0)
      assert.deepStrictEqual(yield* alive.run(Programs.states), ["live"])
    }).pipe(slow)
  )

  it.scoped("two concurrent recoveries of two programs share the jobs, and each job goes to one", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const all: Array<string> = []
      for (let at = 0; at < 3; at++) {
        const dead = yield* Programs.start(disk)
        all.push(yield* live(dead, small(`a ${at}`)), yield* live(dead, small(`b ${at}`)))
        yield* dead.kill
      }
      const rivals = [yield* Programs.start(disk), yield* Programs.start(disk)]
      const found = yield* runToEnd(
        Effect.forEach(rivals, (rival) => Effect.scoped(recover(rival, "cancel")), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(found.flatMap((one) => inIds(one).cancelled).sort(), all.slice().sort())
      assert.deepStrictEqual([...new Set(yield* jobOutcomes)], ["cancelled 1"])
    }).pipe(slow)
  )

  it.scoped("two concurrent recoveries in one program report each job once", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      const twice = Effect.all([recover(next, "resume"), recover(next, "resume")], { concurrency: 2 })
      const found = yield* runToEnd(Effect.scoped(twice))
      assert.deepStrictEqual(found.flatMap((one) => inIds(one).resumed).sort(), [over, running].sort())
    }).pipe(slow)
  )

  it.scoped("a recovery reports the jobs that it took over although the journal fails afterwards", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      const running = yield* live(dead)
      yield* lost(dead, small("never started"), "before")
      yield* dead.kill
      const next = yield* Programs.start(disk)
      const full = Effect.delay(
        Effect.sync(() => disk.setRoom(0)),
        "20 seconds"
      )
      const [found] = yield* runToEnd(
        Effect.scoped(
          Effect.all([recover(next, "resume"), full], { concurrency: 2 }).pipe(
            Effect.tap(() => Effect.sync(() => disk.setRoom(Number.POSITIVE_INFINITY)))
          )
        )
      )
      assert.deepStrictEqual(inIds(found), { ...noIds, resumed: [running] })
      assert.deepStrictEqual(
        found.unknown.map(({ outcome }) => outcome),
        ["absent"]
      )
      // a result that could not be written is reported again
      const again = yield* runToEnd(Effect.scoped(recover(next, "resume")))
      assert.deepStrictEqual(
        again.unknown.map(({ outcome }) => outcome),
        ["absent"]
      )
    }).pipe(slow)
  )
})

describe("resumed jobs", () => {
  it.scoped("a resumed job belongs to the scope of its recovery", () =>
    Effect.gen(function* () {
      const { disk } = yield* left
      const next = yield* Programs.start(disk)
      const scope = yield* Scope.make()
      yield* runToEnd(Scope.extend(recover(next, "resume"), scope))
      assert.lengthOf(yield* cancels, 0)
      yield* runToEnd(Scope.close(scope, Exit.void))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
    }).pipe(slow)
  )

  it.scoped("a finished job is not delivered by a recovery, and the next one finds it again", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* recovered(next, "resume"), { ...noIds, resumed: [over, running] })
      assert.deepStrictEqual(yield* next.run(Programs.states), ["finished", "cancelled"])
      // in this program and, after its end, in another one
      assert.deepStrictEqual(yield* recovered(next, "resume"), { ...noIds, resumed: [over] })
      yield* next.kill
      const last = yield* Programs.start(disk)
      const again = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const { resumed } = yield* recover(last, "resume")
            const jobs = yield* Effect.forEach(resumed, (ticket) => last.run(ImageGeneration.resume(ticket)))
            return yield* Effect.forEach(jobs, ({ result }) => result)
          })
        )
      )
      assert.deepStrictEqual(
        again.map(({ length }) => length),
        [1]
      )
      assert.deepStrictEqual(yield* last.run(Programs.states), ["delivered", "cancelled"])
    }).pipe(slow)
  )

  it.scoped("a resumed job is found again when its new program is killed too", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      for (let at = 0; at < 3; at++) {
        const next = yield* Programs.start(disk)
        const scope = yield* Scope.make()
        const found = yield* runToEnd(Scope.extend(recover(next, "resume"), scope))
        assert.deepStrictEqual(inIds(found).resumed, [over, running])
        yield* next.kill
      }
    }).pipe(Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "100 seconds" } })))
  )
})

describe("cancels that fail", () => {
  const broken = script(Faults.reset("before", { method: "DELETE" }))

  it.scoped("a failed cancel is reported and repeated by the next recovery", () =>
    Effect.gen(function* () {
      const { disk, over, running } = yield* left
      const next = yield* Programs.start(disk)
      yield* broken
      assert.deepStrictEqual(yield* recovered(next, "cancel"), { ...noIds, failed: [running], left: [over] })
      assert.deepStrictEqual(yield* next.run(Programs.states), ["delivered", "live"])
      yield* clearFaults
      yield* recovered(next, "cancel")
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
      assert.deepStrictEqual(yield* next.run(Programs.states), ["delivered", "cancelled"])
    }).pipe(Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "100 seconds" } })))
  )

  it.scoped("a failed cancel is repeated by another program after the death of the first", () =>
    Effect.gen(function* () {
      const { disk, running } = yield* left
      const next = yield* Programs.start(disk)
      yield* broken
      yield* recovered(next, "cancel")
      yield* next.kill
      yield* clearFaults
      const last = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* recovered(last, "cancel"), { ...noIds, cancelled: [running] })
    }).pipe(Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "100 seconds" } })))
  )

  it.scoped("a failed cancel of the program's own job is repeated by a recovery with any policy", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      yield* broken
      yield* runToEnd(Effect.scoped(program.run(ImageGeneration.submit(small()))))
      assert.deepStrictEqual(yield* jobOutcomes, ["processing 0"])
      yield* clearFaults
      yield* recovered(program, "leave")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "100 seconds" } })))
  )
})

describe("unreadable records", () => {
  it.scoped("records of a later version and damaged records are counted", () =>
    Effect.gen(function* () {
      const { disk, running } = yield* left
      for (const [name, bytes] of disk.files()) disk.put(name, `${new TextDecoder().decode(bytes)}torn in the midd`)
      const json = '{"version":2,"sign":"of the times"}'
      disk.put(`${Programs.directory}/${crypto.randomUUID()}.jsonl`, `${fingerprint(json)} ${json}\n`)
      const next = yield* Programs.start(disk)
      const found = yield* runToEnd(Effect.scoped(recover(next, "cancel")))
      assert.deepStrictEqual([found.newer, found.unreadable], [1, 1])
      assert.deepStrictEqual(inIds(found).cancelled, [running])
    }).pipe(slow)
  )
})

describe("two accounts in one program", () => {
  it.scoped("clients of two accounts in one program do not recover each other's jobs", () =>
    Effect.gen(function* () {
      const journal = yield* JobJournal.makeMemory
      const layer = (apiKey: string) =>
        Layer.build(
          Layer.provide(
            Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(apiKey) }),
            Layer.succeed(JobJournal.JobJournal, journal)
          )
        )
      const first = yield* layer(Accounts.plainKey)
      const second = yield* layer(Accounts.ownerKey)
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            yield* Effect.provide(ImageGeneration.submit(small()), first)
            const found = yield* Effect.provide(Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }), second)
            assert.deepStrictEqual(inIds(found), noIds)
            assert.deepStrictEqual(found.unknown, [])
            assert.lengthOf(yield* cancels, 0)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )
})
