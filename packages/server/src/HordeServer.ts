/**
 * An embedded AI Horde: the same HTTP API as the real server, in memory, with a worker of its own that paints pictures.
 *
 * **For development and tests only.** It keeps nothing, protects nothing, and its accounts are published constants.
 *
 * All its time is the caller's: it has no timers and no fibers of its own, and catches up with its clock whenever it is
 * asked something. Under a `TestClock` five minutes pass in no time, and in one jump or many small ones alike.
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
 * // No socket, no port: the request runs in the caller's own fiber.
 * Effect.runPromise(program.pipe(Effect.provide(HordeServer.layerClient())))
 * ```
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Account } from "./Accounts.js"
import type * as Faults from "./Faults.js"
import * as inProcess from "./internal/transport/inProcess.js"
import * as socket from "./internal/transport/socket.js"

/**
 * One of the server's own workers.
 *
 * @since 0.1.0
 * @category options
 */
export interface WorkerOptions {
  /** How replies call it; `embedded` unless given. */
  readonly name?: string
  /** The models it serves; `stable_diffusion` and a few more unless given. */
  readonly models?: ReadonlyArray<string>
  /**
   * How long one picture takes it; 2 seconds unless given. The server gives up on pictures that take longer than about
   * two and a half minutes, like the real one.
   */
  readonly takes?: Duration.DurationInput
  /** How long it takes to notice new work when it has none; 1 second unless given. */
  readonly startsAfter?: Duration.DurationInput
  /** Whether it counts when the server says what is possible; it does unless told otherwise. */
  readonly online?: boolean
  /** Whether it takes jobs; `false` leaves the queue alone. */
  readonly takesJobs?: boolean
}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The accounts to start with, besides the anonymous one; `Accounts.defaults` unless given. */
  readonly accounts?: ReadonlyArray<Account>
  /** The server's own worker or workers; one that serves the usual models unless given, `false` for none. */
  readonly worker?: false | WorkerOptions | ReadonlyArray<WorkerOptions>
  /** Makes ids and seeds repeatable; they differ from run to run unless given. */
  readonly seed?: number
  /** Whether new jobs are refused because the horde is in maintenance. */
  readonly maintenance?: boolean
  /** `raised` gives every caller the limits on submits that trusted callers have. */
  readonly limits?: "published" | "raised"
  /**
   * Whether it tells what a job was asked for with (`GET /v2/generate/request/{id}`); it does unless told otherwise.
   * `false` makes it an older server, to which that path is unknown.
   */
  readonly tellsRequests?: boolean
  /** Which prompts the filter refuses; none unless given. */
  readonly corruptPrompt?: (prompt: string) => boolean
}

/**
 * @since 0.1.0
 * @category options
 */
export interface ListenOptions extends Options {
  /** The port to listen on; 0 for any free one. */
  readonly port: number
  /** The address to listen on; `127.0.0.1` unless given. */
  readonly host?: string
}

/**
 * A request as the server wrote it down.
 *
 * @since 0.1.0
 * @category models
 */
export interface Exchange {
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  /** The path without the query. */
  readonly path: string
  /** The path template, such as `/v2/generate/check/:id`; undefined where there is no such route. */
  readonly route: string | undefined
  /** The role of the account that the key belongs to; a shared key's is its owner's. */
  readonly account: string | undefined
  /** The job that the request was about or that it started. */
  readonly requestId: string | undefined
  /** The status that was sent or, where the answer got lost, would have been; undefined if there was none. */
  readonly status: number | undefined
  /** How much of the answer was let through. */
  readonly delivered: "whole" | "reset" | "truncated" | "hanging"
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A job as the server wrote it down. It stays in the record when the server itself has forgotten it.
 *
 * - `waiting`, `processing`: nobody may walk away from it yet
 * - `finished`: all pictures delivered
 * - `cancelled`: cancelled before it was over
 * - `short`: over with fewer pictures than asked for, without a word about it
 * - `faulted`: given up by the server
 * - `expired`: forgotten before it was over, by age, with its shared key or by a scripted fault
 *
 * @since 0.1.0
 * @category models
 */
export interface JobRecord {
  readonly id: string
  readonly prompt: string
  /** How many pictures were asked for. */
  readonly n: number
  readonly createdAt: number
  readonly finished: number
  /** The ids of what was delivered. */
  readonly generations: ReadonlyArray<string>
  readonly processing: number
  readonly waiting: number
  readonly restarted: number
  readonly faulted: boolean
  /** When it was first cancelled, if it was not over by then. */
  readonly cancelledAt: number | undefined
  /** How often it was cancelled. */
  readonly cancels: number
  readonly state: "waiting" | "processing" | "finished" | "cancelled" | "short" | "faulted" | "expired"
  /** The role of the account that pays. */
  readonly account: string
}

/**
 * What a program can ask of the embedded horde besides its HTTP API.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The base URL for clients: `http://127.0.0.1:PORT/api`. */
  readonly url: string
  /** The accounts that it started with. */
  readonly accounts: ReadonlyArray<Account>
  /** Every request so far, in the order in which they were acted on. */
  readonly exchanges: Effect.Effect<ReadonlyArray<Exchange>>
  /** Every job so far, in the order in which they were accepted, as they stand now. */
  readonly jobs: Effect.Effect<ReadonlyArray<JobRecord>>
  /** Forgets how often anybody has asked for anything. */
  readonly emptyLimiter: Effect.Effect<void>
  /** Scripted trouble. */
  readonly faults: Faults.Service
}

/**
 * A running embedded horde.
 *
 * @since 0.1.0
 * @category tags
 */
export class HordeServer extends Context.Tag("@effect-horde/server/HordeServer")<HordeServer, Service>() {}

/**
 * Listens on a port. Scripted resets and cut-off bodies really happen on the socket.
 *
 * Another process reads the server's record with `GET /embedded/record`: JSON `{ exchanges, jobs }`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: ListenOptions): Layer.Layer<HordeServer, ServeError> =>
  socket.layer(HordeServer, options)

/**
 * The server and an `HttpClient` that reaches it without a socket, in the caller's own fiber and by the caller's clock.
 * It takes any loopback URL, and nothing else: no request ever leaves the process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (options: Options = {}): Layer.Layer<HttpClient.HttpClient | HordeServer> =>
  inProcess.layer(HordeServer, options)
