/** The connections that a command can use. The modules behind them are loaded when they are used. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** How commands reach a horde. Tests replace it. */
export class Network extends Context.Tag("@effect-horde/cli/Network")<
  Network,
  {
    /** The network of this machine. */
    readonly http: Layer.Layer<HttpClient>
    /** A new embedded horde. `workers`: whether it has built-in workers. */
    readonly embedded: (options: { readonly workers: boolean }) => Layer.Layer<HttpClient>
  }
>() {}

/** An embedded horde in this process. It is loaded here, because few commands need it. */
export const embedded = ({ workers }: { readonly workers: boolean }): Layer.Layer<HttpClient> =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("@effect-horde/server/HordeServer")),
      ({ layerClient }) => layerClient(workers ? {} : { worker: false })
    )
  )

export const layer: Layer.Layer<Network> = Layer.succeed(Network, { http: FetchHttpClient.layer, embedded })
