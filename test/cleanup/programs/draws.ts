/**
 * A program that submits jobs until it is ended, with `Horde.layerWithJournalConfig` and a journal in files. Prints
 * when its jobs are on the server and, as it exits, the time since the signal.
 *
 * Arguments: the journal's directory; the kind of jobs, `jobs`, `nested` or `posting`; the HTTP client, `fetch` or
 * `undici`.
 */

import { FetchHttpClient } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { FileJournal, Horde, ImageGeneration } from "effect-horde"
import { small } from "../../support/virtualTime.js"
import { lease } from "./lease.js"

const [directory = "", form = "jobs", client = "fetch"] = process.argv.slice(2)

// a listener that remained would prevent a second signal from ending the process
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    const at = performance.now()
    process.once("exit", () => console.log(`exits after ${Math.round(performance.now() - at)} ms`))
  })
}

type Program = Effect.Effect<never, unknown, Horde.Services>

const started = Console.log("the jobs are started")

/** Two jobs of one scope: the worker draws one, the other waits. */
const jobs: Program = Effect.scoped(
  Effect.gen(function* () {
    yield* ImageGeneration.submit(small("one"))
    yield* ImageGeneration.submit(small("another"))
    yield* started
    return yield* Effect.never
  })
)

/** A job in each of three nested scopes. */
const nested = (depth: number): Program =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* ImageGeneration.submit(small(`number ${depth}`))
      if (depth > 1) return yield* nested(depth - 1)
      yield* started
      return yield* Effect.never
    })
  )

const programs: { readonly [form: string]: Program } = {
  jobs,
  nested: nested(3),
  posting: Effect.zipRight(ImageGeneration.generate(small("slow to be taken")), Effect.never)
}

Horde.layerWithJournalConfig().pipe(
  Layer.provide([
    FileJournal.layer({ directory, lease }).pipe(Layer.provide(NodeContext.layer)),
    client === "undici" ? NodeHttpClient.layerUndici : FetchHttpClient.layer
  ]),
  (horde) => Effect.provide(programs[form] ?? Effect.dieMessage(`no such form: ${form}`), horde),
  NodeRuntime.runMain
)
