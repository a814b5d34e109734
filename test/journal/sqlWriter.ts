/**
 * A program that writes down one job after the other in the journal that the environment names, and says so of each that
 * is safe: until it is killed, or for as many as it is told.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { SqlJournal } from "@effect-horde/sql"
import { Console, Effect } from "effect"
import { JobJournal } from "effect-horde/JobJournal"
import { entry } from "./entries.js"

const [name = "it", count = "Infinity"] = process.argv.slice(2)

const write = (at: number) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const key = `${name}-${at}`
    yield* journal.write(yield* entry({ key }))
    yield* journal.write(yield* entry({ key, state: "live", id: `id-of-${key}` }))
    yield* Console.log(`safe ${key}`)
  })

Effect.iterate(0, { while: (at) => at < Number(count), body: (at) => Effect.as(write(at), at + 1) }).pipe(
  Effect.zipRight(Console.log("done")),
  Effect.provide(SqlJournal.layerConfig({ lease: "1 second" })),
  NodeRuntime.runMain
)
