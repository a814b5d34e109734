/**
 * Where the examples run: on an embedded horde in this very process, under an account of its own, or, with `HORDE_URL`
 * set, on that one, under `HORDE_API_KEY` if it is set as well.
 */

import { FetchHttpClient } from "@effect/platform"
import { Accounts, type Faults, HordeServer } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import { Horde, HordeClient } from "effect-horde"

// Who reads the output may be gone before the end (`| head`): that is no reason to drop a job.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

/** The address of the horde, if one is named. */
export const url = process.env.HORDE_URL === "" ? undefined : process.env.HORDE_URL

const somewhere = Horde.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

const embedded = (worker: HordeServer.WorkerOptions, trouble: ReadonlyArray<Faults.Rule>) => {
  const server = HordeServer.layerClient({ worker }).pipe(
    Layer.tap((context) =>
      Effect.provide(
        Effect.flatMap(HordeServer.HordeServer, (it) => it.faults.script(...trouble)),
        context
      )
    )
  )
  return Horde.layer({ baseUrl: "http://127.0.0.1/api", apiKey: Redacted.make(Accounts.plainKey) }).pipe(
    Layer.provide(server)
  )
}

/** The whole SDK over one or the other. `worker` and `trouble` say how the embedded horde behaves. */
export const layer = (worker: HordeServer.WorkerOptions = {}, trouble: ReadonlyArray<Faults.Rule> = []) =>
  url === undefined ? embedded(worker, trouble) : somewhere

/** Says in words where an example runs. */
export const whereabouts = Effect.map(HordeClient.HordeClient, ({ baseUrl }) =>
  url === undefined ? "an embedded horde: nothing leaves this machine (set HORDE_URL for another)" : baseUrl
)
