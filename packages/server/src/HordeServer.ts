/**
 * An embedded AI Horde: the HTTP API of the real server, in memory, with built-in workers that render pictures
 * and write texts.
 *
 * **For development and tests only.** It persists nothing, it has no security, and its API keys are published
 * constants.
 *
 * It has no timers and no background fibers: when it receives a request, it advances its state to the time of the
 * caller's clock. With a `TestClock`, five minutes pass immediately, and one large step has the same result as many
 * small ones.
 *
 * @example
 * ```ts
 * import * as HttpClient from "@effect/platform/HttpClient"
 * import * as Effect from "effect/Effect"
 * import * as HordeServer from "@effect-horde/server/HordeServer"
 *
 * const program = Effect.gen(function* () {
 *   const { url } = yield* HordeServer.HordeServer
 *   const reply = yield* HttpClient.get(`${url}/v2/status/heartbeat`)
 *   return yield* reply.json
 * })
 *
 * // No socket and no port: the request runs in the caller's own fiber.
 * Effect.runPromise(program.pipe(Effect.provide(HordeServer.layerClient())))
 * ```
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type { Options } from "./internal/state/options.js"
import * as inProcess from "./internal/transport/inProcess.js"
import type { Service } from "./internal/transport/service.js"
import * as socket from "./internal/transport/socket.js"

export type { AlchemyWorkerOptions, Options, WorkerOptions } from "./internal/state/options.js"
export type { Exchange, JobRecord } from "./internal/state/records.js"
export type { Service } from "./internal/transport/service.js"
export type { ListenOptions } from "./internal/transport/socket.js"

/**
 * A running embedded horde.
 *
 * @since 0.1.0
 * @category tags
 */
export class HordeServer extends Context.Tag("@effect-horde/server/HordeServer")<HordeServer, Service>() {}

/**
 * A server that listens on a port. Scripted resets and truncated bodies affect the socket.
 *
 * Another process can read the server's record with `GET /embedded/record`. The reply is JSON: `{ exchanges, jobs }`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: socket.ListenOptions): Layer.Layer<HordeServer, ServeError> =>
  socket.layer(HordeServer, options)

/**
 * A server without a socket, and an `HttpClient` that calls it in the caller's own fiber and by the caller's clock. The
 * client accepts loopback URLs only: no request leaves the process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (options: Options = {}): Layer.Layer<HttpClient.HttpClient | HordeServer> =>
  inProcess.layer(HordeServer, options)
