/**
 * A program that writes one job after the other to the journal of the environment, and prints each that is safe: until
 * it is killed, or up to a given number.
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
