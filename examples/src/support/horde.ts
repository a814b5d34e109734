/**
 * The horde of the examples: an embedded one in this process, with one of its built-in accounts, or, with `HORDE_URL` set,
 * that one, under `HORDE_API_KEY` if it is set as well.
 */

import { FetchHttpClient } from "@effect/platform"
import { Accounts, type Faults, HordeServer } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import { Horde, HordeClient } from "effect-horde"

// The reader of the output may end early (`| head`): the job must continue.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

/** The address of the horde, if `HORDE_URL` is set. */
export const url = process.env.HORDE_URL === "" ? undefined : process.env.HORDE_URL

const remote = Horde.layerAllConfig().pipe(Layer.provide(FetchHttpClient.layer))

const embedded = (worker: HordeServer.WorkerOptions, faults: ReadonlyArray<Faults.Rule>, apiKey: string) => {
  const server = HordeServer.layerClient({ worker }).pipe(
    Layer.tap((context) =>
      Effect.provide(
        Effect.flatMap(HordeServer.HordeServer, (it) => it.faults.script(...faults)),
        context
      )
    )
  )
  return Horde.layerAll({ baseUrl: "http://127.0.0.1/api", apiKey: Redacted.make(apiKey) }).pipe(Layer.provide(server))
}

/** All resources over one or the other. `worker`, `faults` and `apiKey` configure the embedded horde. */
export const layer = (
  worker: HordeServer.WorkerOptions = {},
  faults: ReadonlyArray<Faults.Rule> = [],
  apiKey: string = Accounts.plainKey
) => (url === undefined ? embedded(worker, faults, apiKey) : remote)

/** Describes the horde that an example runs on. */
export const whereabouts = Effect.map(HordeClient.HordeClient, ({ baseUrl }) =>
  url === undefined ? "an embedded horde: nothing leaves this machine (set HORDE_URL for another)" : baseUrl
)
