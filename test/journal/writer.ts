/**
 * A program that takes over the entries of a journal and writes to it until it is killed. It prints each entry that is
 * safe.
 */
import { writeSync } from "node:fs"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileJournal from "effect-horde/FileJournal"
import { entry } from "./entries.js"

const [directory = "", name = "", lease = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const journal = yield* FileJournal.make({ directory, lease: Number(lease) })
  yield* Effect.fork(Effect.ignore(journal.takeOver))
  for (let job = 0; ; job++) {
    yield* Effect.ignore(
      Effect.gen(function* () {
        for (const state of ["intent", "live", "finished"] as const) {
          const key = `${name}-${job}`
          yield* journal.write(yield* entry({ key, state, ...(state === "intent" ? {} : { id: `id of ${key}` }) }))
          writeSync(1, `${key} ${state}\n`)
        }
      })
    )
  }
})

Effect.runFork(Effect.provide(Effect.scoped(program), Layer.merge(NodeFileSystem.layer, NodePath.layer)))
