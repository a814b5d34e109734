/**
 * Where the examples run: on an embedded horde in this very process, or, with `HORDE_URL` set, on that one, under
 * `HORDE_API_KEY` if it is set as well.
 */

import { FetchHttpClient } from "@effect/platform"
import { HordeServer } from "@effect-horde/server"
import { Config, Effect, Layer, Option } from "effect"
import { Horde, HordeClient } from "effect-horde"

const somewhere = Horde.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

const embedded = (worker: HordeServer.WorkerOptions) =>
  Horde.layer({ baseUrl: "http://127.0.0.1/api" }).pipe(Layer.provide(HordeServer.layerClient({ worker })))

/** The whole SDK over one or the other. `worker` says how the embedded horde's own worker behaves. */
export const layer = (worker: HordeServer.WorkerOptions = {}) =>
  Layer.unwrapEffect(
    Effect.map(Config.option(Config.string("HORDE_URL")), (url) => (Option.isSome(url) ? somewhere : embedded(worker)))
  )

/** Says in words where an example runs. */
export const whereabouts = Effect.map(HordeClient.HordeClient, ({ baseUrl }) =>
  process.env.HORDE_URL === undefined
    ? "an embedded horde: nothing leaves this machine (set HORDE_URL for another)"
    : baseUrl
)
