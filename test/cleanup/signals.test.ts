/** Programs in processes of their own, under the platform's `runMain`, that are told to end. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Clock, Deferred, Effect } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import * as Machine from "../support/machine.js"
import * as Processes from "../support/processes.js"
import { cancels, clearFaults, jobOutcomes, script, submits } from "../support/virtualTime.js"
import { lease } from "./programs/lease.js"

/** The end of a program may take so long. */
const drain = 5000
/** What the machine may need besides, as busy as it is: on one that is not, far less than a drain that is kept twice. */
const slack = Machine.limit(2500)

/** A horde in this process, so that it can be told to hang; its worker takes longer than any test. */
const onHorde = Effect.provide(HordeServer.layer({ port: 0, worker: { takes: "2 minutes" } }))

/** A directory for a journal. */
const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "signals-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const run = (program: "draws" | "recovers", ...args: ReadonlyArray<string>) =>
  Effect.flatMap(HordeServer.HordeServer, ({ url }) =>
    Processes.run(`test/cleanup/programs/${program}.ts`, args, {
      HORDE_URL: url,
      HORDE_API_KEY: Accounts.plainKey
    })
  )

/** A program with two jobs, or with those that the form has. */
const drawing = (directory: string, form: "jobs" | "nested" = "jobs", client: "fetch" | "undici" = "fetch") =>
  Effect.tap(run("draws", directory, form, client), (program) => program.saw("the jobs are started"))

/** How long it took from the signal to the exit, by the program's own clock, in milliseconds. */
const exited = (program: Processes.Program) =>
  Effect.gen(function* () {
    assert.strictEqual(yield* program.ending, 0, program.lines.join("\n"))
    return Number(/exits after (\d+) ms/.exec(yield* program.saw("exits after"))?.[1])
  })

/** The states of the jobs in a journal, as whoever opens it next sees them. */
const states = (directory: string) =>
  Effect.flatMap(FileJournal.make({ directory, lease }), (journal) =>
    Effect.map(journal.entries, (entries) => entries.map(({ state }) => state).sort())
  ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

/** Has the program that is started next cancel what is in the journal. */
const recovered = (directory: string) =>
  Effect.gen(function* () {
    const program = yield* run("recovers", directory)
    assert.strictEqual(yield* program.ending, 0, program.lines.join("\n"))
    return program.lines.at(-1)
  })

/** Scripts a rule, and gives an effect that waits for the first request that it applies to. */
const noticed = (rule: (match: Faults.Match) => Faults.Rule, match: Faults.Match) =>
  Effect.gen(function* () {
    const arrived = yield* Deferred.make<void>()
    const where = () => {
      Deferred.unsafeDone(arrived, Effect.void)
      return true
    }
    yield* script(rule({ ...match, where }))
    return { arrived: Deferred.await(arrived) }
  })

const toSubmit = { method: "POST", path: "/v2/generate/async" }
const toCancel = { method: "DELETE", path: "/v2/generate/status/:id" }

describe("a program that is told to end", () => {
  for (const [signal, client] of [
    ["SIGINT", "fetch"],
    ["SIGTERM", "undici"]
  ] as const) {
    it.scopedLive(`by ${signal} cancels what is unfinished, and exits (${client})`, () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const program = yield* drawing(directory, "jobs", client)
        assert.deepStrictEqual(yield* states(directory), ["live", "live"])
        yield* program.signal(signal)
        assert.isBelow(yield* exited(program), drain + (yield* slack))
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
        assert.deepStrictEqual(yield* states(directory), ["cancelled", "cancelled"])
      }).pipe(onHorde)
    )
  }

  it.scopedLive("waits five seconds at most for a server that hangs, however its scopes are nested", () =>
    Effect.gen(function* () {
      const [flat, deep] = [yield* folder, yield* folder]
      const programs = yield* Effect.all([drawing(flat, "jobs", "undici"), drawing(deep, "nested")], {
        concurrency: 2
      })
      yield* script(Faults.hang("before", toCancel))
      yield* Effect.forEach(programs, (program) => program.signal("SIGTERM"))
      for (const took of yield* Effect.forEach(programs, exited)) {
        assert.isAtLeast(took, drain - 500)
        assert.isBelow(took, drain + (yield* slack))
      }
      // what could not be cancelled is left to the next start
      assert.deepStrictEqual(yield* states(deep), ["live", "live", "live"])
      yield* clearFaults
      assert.strictEqual(yield* recovered(flat), "cancelled 2, failed 0, unknown 0")
      assert.strictEqual(yield* recovered(deep), "cancelled 3, failed 0, unknown 0")
      assert.deepStrictEqual(
        yield* jobOutcomes,
        Array.from({ length: 5 }, () => "cancelled 1")
      )
    }).pipe(onHorde)
  )

  it.scopedLive("cancels the job whose submit is under way, when its id arrives", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const { arrived } = yield* noticed((match) => Faults.latency("2 seconds", match), toSubmit)
      const program = yield* run("draws", directory, "posting")
      yield* arrived
      yield* program.signal("SIGINT")
      assert.isBelow(yield* exited(program), drain + (yield* slack))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.deepStrictEqual(yield* states(directory), ["cancelled"])
      assert.lengthOf(yield* submits, 1)
    }).pipe(onHorde)
  )

  it.scopedLive("says so where a submit is not answered in time, and leaves it in the journal", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const { arrived } = yield* noticed((match) => Faults.hang("after", match), toSubmit)
      const program = yield* run("draws", directory, "posting")
      yield* arrived
      yield* program.signal("SIGTERM")
      assert.isBelow(yield* exited(program), drain + (yield* slack))
      yield* program.saw("it is unknown whether their jobs were started")
      assert.deepStrictEqual(yield* states(directory), ["intent"])
    }).pipe(onHorde)
  )
})

describe("a second signal", () => {
  it.scopedLive("ends the program at once, and the next start cancels what it left", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const program = yield* drawing(directory)
      const { arrived } = yield* noticed((match) => Faults.hang("before", match), toCancel)
      yield* program.signal("SIGINT")
      yield* arrived
      const before = yield* Clock.currentTimeMillis
      yield* program.signal("SIGINT")
      assert.strictEqual(yield* program.ending, "SIGINT")
      const took = (yield* Clock.currentTimeMillis) - before
      assert.isBelow(took, yield* slack)
      assert.deepStrictEqual(yield* states(directory), ["live", "live"])

      yield* clearFaults
      const asked = (yield* cancels).length
      assert.strictEqual(yield* recovered(directory), "cancelled 2, failed 0, unknown 0")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      assert.lengthOf(yield* cancels, asked + 2)
      assert.deepStrictEqual(yield* states(directory), ["cancelled", "cancelled"])
    }).pipe(onHorde)
  )
})
