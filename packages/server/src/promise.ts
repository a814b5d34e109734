/**
 * The embedded horde for programs without Effect: for development and tests only.
 *
 * @example
 * ```ts
 * import { startHorde } from "@effect-horde/server/promise"
 * import { AIHorde } from "effect-horde/promise"
 *
 * export const draw = async () => {
 *   await using server = await startHorde()
 *   await using horde = new AIHorde({ baseUrl: server.url })
 *   return horde.images.generate({ prompt: "a lighthouse at dusk" })
 * }
 * ```
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as HordeServer from "./HordeServer.js"

/**
 * A horde that listens on a port of this machine.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmbeddedHorde {
  /** The base URL for clients: `http://127.0.0.1:PORT/api`. */
  readonly url: string
  /** Every job so far, in the order in which they were accepted, with its current state. */
  readonly jobs: () => Promise<ReadonlyArray<HordeServer.JobRecord>>
  /** Every request so far, in the order in which they were processed. */
  readonly exchanges: () => Promise<ReadonlyArray<HordeServer.Exchange>>
  /** Stops the server. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Starts a horde, on a free port by default. Rejects with `ServeError` if the port is taken.
 *
 * @since 0.1.0
 * @category constructors
 */
export const startHorde = (options: Partial<HordeServer.ListenOptions> = {}): Promise<EmbeddedHorde> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(HordeServer.layer({ port: 0, ...options }), scope)
    const { exchanges, jobs, url } = Context.get(context, HordeServer.HordeServer)
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    return {
      url,
      jobs: () => Effect.runPromise(jobs),
      exchanges: () => Effect.runPromise(exchanges),
      close,
      [Symbol.asyncDispose]: close
    }
  }).pipe(
    Effect.either,
    Effect.runPromise,
    // an error itself, and not the failure of a fiber
    (started) => started.then((result) => ("right" in result ? result.right : Promise.reject(result.left)))
  )
