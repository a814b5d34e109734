/**
 * The connection to a horde: its address, the API key, the name of this program; and the one place where the order of
 * things is written: every attempt takes its turn, is sent with a time-out of its own, and is repeated where that is
 * safe.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as HordeError from "./HordeError.js"
import type { Options } from "./internal/call/connectionOptions.js"
import * as settings from "./internal/call/connectionOptions.js"
import type { PreparedCall } from "./internal/call/declaration.js"
import { invalid } from "./internal/call/encodeRequest.js"
import { foreignReply } from "./internal/call/gatewayReply.js"
import { receive } from "./internal/call/receive.js"
import { refusal } from "./internal/call/refusal.js"
import { untraced } from "./internal/call/withoutTracing.js"
import * as RateLimit from "./RateLimit.js"
import type { Reply } from "./Reply.js"
import * as Retry from "./Retry.js"

export type { Options } from "./internal/call/connectionOptions.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The address that paths are appended to, without a slash at its end: `https://aihorde.net/api`. */
  readonly baseUrl: string
  /** The key that a call made here goes under: the connection's own, or the one of {@link withApiKey}. */
  readonly apiKey: Effect.Effect<Redacted.Redacted>
  /** Sends a call and reads its whole reply; a reply of status 400 or more fails with what it means. */
  readonly execute: (call: PreparedCall) => Effect.Effect<Reply, HordeError.CallError>
  /** A call has started a job: its pictures wait for a worker, and count against what the account may have waiting. */
  readonly jobStarted: (call: PreparedCall, job: string) => Effect.Effect<void>
  /** So many pictures of a job still wait for a worker. */
  readonly jobMoved: (job: string, waiting: number) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class HordeClient extends Context.Tag("effect-horde/HordeClient")<HordeClient, Service>() {}

/**
 * The key of the anonymous account.
 *
 * @since 0.1.0
 * @category keys
 */
export const anonymous: Redacted.Redacted = Redacted.make(settings.anonymousKey)

/**
 * The key that calls are made under instead of the connection's own, if any.
 *
 * @since 0.1.0
 * @category keys
 */
export class CurrentApiKey extends Context.Reference<CurrentApiKey>()("effect-horde/CurrentApiKey", {
  defaultValue: (): Option.Option<Redacted.Redacted> => Option.none()
}) {}

/**
 * Runs an effect under another key than the connection's: a visitor's own, or a shared one. A key that is not one (a
 * variable left undefined) fails the call with `InvalidRequest`; it never turns the caller into the anonymous account.
 *
 * @example
 * ```ts
 * import * as HordeClient from "effect-horde/HordeClient"
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import type * as Redacted from "effect/Redacted"
 *
 * export const drawFor = (visitorsKey: Redacted.Redacted) =>
 *   ImageGeneration.generate({ prompt: "a lighthouse at dusk" }).pipe(HordeClient.withApiKey(visitorsKey))
 * ```
 *
 * @since 0.1.0
 * @category keys
 */
export const withApiKey =
  (apiKey: Redacted.Redacted) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, CurrentApiKey, Option.some(apiKey))

/** An error after which a repeat would not help. */
class Final extends Data.TaggedError("Final")<{ readonly error: HordeError.CallError }> {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, ConfigError.ConfigError, HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry> =>
  Effect.gen(function* () {
    const {
      apiKey: ownKey,
      baseUrl,
      clientAgent,
      creationTimeout,
      maxReplyBytes,
      timeout
    } = yield* settings.read(options)
    const { host } = new URL(baseUrl)
    const limit = yield* RateLimit.RateLimit
    const retry = yield* Retry.Retry
    const http = untraced(yield* HttpClient.HttpClient)

    const request = (call: PreparedCall, apiKey: Redacted.Redacted) => {
      const headers: Record<string, string> = { accept: "application/json", "client-agent": clientAgent }
      if (call.declaration.apiKey !== "none") headers.apikey = Redacted.value(apiKey)
      const bare = HttpClientRequest.make(call.declaration.method)(baseUrl + call.path, { headers })
      return call.body === undefined ? bare : HttpClientRequest.bodyText(bare, call.body, "application/json")
    }

    /** Whether a reply of the horde's own has ever come from this address. */
    let isHorde = false

    const accept = (call: PreparedCall, reply: Reply, key: string, secrets: () => ReadonlyArray<string>) =>
      Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Reply, HordeError.CallError | Final> => {
        if (reply.status < 400 && (reply.json !== undefined || !call.declaration.idempotent)) {
          isHorde ||= reply.json !== undefined
          return Effect.succeed(reply)
        }
        const refused = reply.status < 400 ? undefined : refusal(call, reply, key, secrets(), now)
        if (refused !== undefined) {
          isHorde = true
          return Effect.fail(refused)
        }
        const error = foreignReply(call, reply, now)
        // an address that has answered with nothing but pages is probably wrong: asking again would not help
        return Effect.fail(isHorde || error._tag !== "UnexpectedResponse" ? error : new Final({ error }))
      })

    /** What is final passes by the retries, and is an error like any other after them. */
    const repeated = (attempt: Effect.Effect<Reply, HordeError.CallError | Final>, call: PreparedCall) =>
      Effect.flatten(
        retry.repeat(
          Effect.map(attempt, (reply): Effect.Effect<Reply, HordeError.CallError> => Effect.succeed(reply)).pipe(
            Effect.catchTag("Final", ({ error }) => Effect.succeed(Effect.fail(error)))
          ),
          call
        )
      )

    const execute: Service["execute"] = (call) =>
      Effect.contextWithEffect((context: Context.Context<never>): Effect.Effect<Reply, HordeError.CallError> => {
        const apiKey = Option.getOrElse(Context.get(context, CurrentApiKey), () => ownKey)
        const wrong = settings.wrongKey(apiKey)
        if (wrong !== undefined && call.declaration.apiKey !== "none") {
          return Effect.fail(invalid(call.declaration, { apiKey: wrong }))
        }
        const key = wrong === undefined ? Redacted.value(apiKey) : settings.anonymousKey
        const secrets = () => (key === settings.anonymousKey ? call.secrets() : [...call.secrets(), key])
        // `fetch` takes the key along to wherever it is redirected, so it must not follow
        const init = Context.getOrElse(context, FetchHttpClient.RequestInit, () => ({}))
        const limits = {
          host,
          maxBytes: maxReplyBytes,
          timeout: call.declaration.idempotent ? timeout : creationTimeout
        }
        const onTheWire = Effect.suspend(() => {
          if (call.flight.isDropped) return Effect.interrupt
          call.flight.inFlight = true
          return receive(http.execute(request(call, apiKey)), call, limits)
        })
        const { beforeSend } = call.flight
        const send = (beforeSend === undefined ? onTheWire : Effect.zipRight(beforeSend, onTheWire)).pipe(
          Effect.provideService(FetchHttpClient.RequestInit, { ...init, redirect: "manual" }),
          Effect.tap((reply) => limit.learn(call, apiKey, reply)),
          Effect.flatMap((reply) => accept(call, reply, key, secrets)),
          // a reply that succeeded counts as under way until it is read: it may name a job, which must not get lost
          Effect.onError(() =>
            Effect.sync(() => {
              call.flight.inFlight = false
            })
          )
        )
        const attempt: Effect.Effect<Reply, HordeError.CallError | Final> = Effect.zipRight(
          Effect.mapError(limit.turn(call, apiKey), (error) => new Final({ error })),
          send
        ).pipe(
          Effect.catchAll((error) =>
            error._tag === "Final"
              ? Effect.fail(error)
              : Effect.flatMap(limit.refused(call, apiKey, error), (again) => (again ? attempt : Effect.fail(error)))
          )
        )
        return repeated(attempt, call)
      })

    const apiKey = Effect.map(
      CurrentApiKey,
      Option.getOrElse(() => ownKey)
    )

    return {
      baseUrl,
      apiKey,
      execute,
      jobStarted: (call, job) => Effect.flatMap(apiKey, (key) => limit.jobStarted(key, job, call.results)),
      jobMoved: limit.jobMoved
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<HordeClient, ConfigError.ConfigError, HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry> =>
  Layer.effect(HordeClient, make(options))

/** A variable that may be absent, and is named by its own name where its value is wrong. */
const variable = (name: string, faultOf: (value: string) => string | undefined): Config.Config<Option.Option<string>> =>
  Config.option(
    Config.mapOrFail(Config.string(name), (value) => {
      const fault = faultOf(value)
      return fault === undefined ? Either.right(value) : Either.left(ConfigError.InvalidData([], `${name} ${fault}`))
    })
  )

const apiKeyFrom = (name: string): Config.Config<Option.Option<Redacted.Redacted>> =>
  Config.map(
    variable(name, (key) => settings.wrongKey(Redacted.make(key))),
    Option.map((key) => Redacted.make(key))
  )

/**
 * The connection as the environment says it: `HORDE_API_KEY`, `HORDE_URL`, `HORDE_CLIENT_AGENT`, each optional.
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<Options> =
  /* @__PURE__ so that bundlers drop it where nobody asks for it */ Config.suspend(() =>
    Config.map(
      Config.all({
        apiKey: apiKeyFrom("HORDE_API_KEY"),
        baseUrl: variable("HORDE_URL", settings.wrongUrl),
        clientAgent: variable("HORDE_CLIENT_AGENT", settings.wrongAgent)
      }),
      (found) => ({
        ...Option.match(found.apiKey, { onNone: () => ({}), onSome: (apiKey) => ({ apiKey }) }),
        ...Option.match(found.baseUrl, { onNone: () => ({}), onSome: (baseUrl) => ({ baseUrl }) }),
        ...Option.match(found.clientAgent, { onNone: () => ({}), onSome: (clientAgent) => ({ clientAgent }) })
      })
    )
  )

/**
 * The connection from configuration; by default from {@link config}.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options> = config
): Layer.Layer<HordeClient, ConfigError.ConfigError, HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry> =>
  Layer.effect(HordeClient, Effect.flatMap(Config.unwrap(options), make))
