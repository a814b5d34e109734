/** Programs in processes of their own, with the platform's `runMain`, that receive a signal. */
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

/** The time that the end of a program may take. */
const drain = 5000
/** What the machine may need in addition: on an idle one far less than a second drain would take. */
const slack = Machine.limit(2500)

/** A horde in this process, so that tests can script faults; its worker is slower than any test. */
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

/** A program with two jobs, or with the jobs of the given kind. */
const drawing = (directory: string, form: "jobs" | "nested" = "jobs", client: "fetch" | "undici" = "fetch") =>
  Effect.tap(run("draws", directory, form, client), (program) => program.saw("the jobs are started"))

/** The time from the signal to the exit by the program's own clock, in milliseconds. */
const exited = (program: Processes.Program) =>
  Effect.gen(function* () {
    assert.strictEqual(yield* program.ending, 0, program.lines.join("\n"))
    return Number(/exits after (\d+) ms/.exec(yield* program.saw("exits after"))?.[1])
  })

/** The states of the jobs in a journal, as read by the next program that opens it. */
const states = (directory: string) =>
  Effect.flatMap(FileJournal.make({ directory, lease }), (journal) =>
    Effect.map(journal.entries, (entries) => entries.map(({ state }) => state).sort())
  ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

/** Starts the next program, which cancels the jobs in the journal. */
const recovered = (directory: string) =>
  Effect.gen(function* () {
    const program = yield* run("recovers", directory)
    assert.strictEqual(yield* program.ending, 0, program.lines.join("\n"))
    return program.lines.at(-1)
  })

/** Scripts a rule, and gives an effect that waits for the first request to which it applies. */
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

describe("programs that receive a signal", () => {
  for (const [signal, client] of [
    ["SIGINT", "fetch"],
    ["SIGTERM", "undici"]
  ] as const) {
    it.scopedLive(`${signal} cancels unfinished jobs and ends the program (${client})`, () =>
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

  it.scopedLive("a program waits five seconds at most for a server that does not reply, with nested scopes too", () =>
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
      // the next program cancels the rest
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

  it.scopedLive("a program cancels a job whose submit is under way when the id arrives", () =>
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

  it.scopedLive("a program logs a submit without a reply and leaves it in the journal", () =>
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

describe("second signals", () => {
  it.scopedLive("a second signal ends the program at once, and the next program cancels its jobs", () =>
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
