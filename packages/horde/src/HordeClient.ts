/**
 * The connection to a horde: its address, the API key and the agent name. It runs the steps of a call: each attempt is
 * delayed by the rate limit and sent with a time-out, and failed attempts are retried if that is safe.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as HordeError from "./HordeError.js"
import { attemptRuntime } from "./internal/call/attemptRuntime.js"
import type { Options } from "./internal/call/connectionOptions.js"
import * as connectionOptions from "./internal/call/connectionOptions.js"
import { anonymousKey } from "./internal/call/connectionOptions.js"
import * as deadlines from "./internal/call/deadlines.js"
import type { CallHooks, PreparedCall } from "./internal/call/declaration.js"
import { invalid } from "./internal/call/encodeRequest.js"
import { gatewayReply } from "./internal/call/gatewayReply.js"
import { type ProxiedUser, withProxiedUser } from "./internal/call/proxiedFor.js"
import { receive } from "./internal/call/receive.js"
import { refusal } from "./internal/call/refusal.js"
import { type EffectOrStream, withReference } from "./internal/call/withReference.js"
import * as RateLimit from "./RateLimit.js"
import type { Reply } from "./Reply.js"
import * as Retry from "./Retry.js"

export type { Options } from "./internal/call/connectionOptions.js"
export type { ProxiedUser } from "./internal/call/proxiedFor.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The address that paths are appended to, without a trailing slash: `https://aihorde.net/api`. */
  readonly baseUrl: string
  /** The key of calls: the connection's own, or the one of {@link withApiKey}. */
  readonly apiKey: Effect.Effect<Redacted.Redacted>
  /**
   * Sends a call and reads its whole reply. A reply of status 400 or more becomes a typed error. Each attempt waits for
   * the rate limit, and is retried if that is safe.
   */
  readonly execute: (call: PreparedCall, hooks?: CallHooks) => Effect.Effect<Reply, HordeError.CallError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class HordeClient extends Context.Tag("effect-horde/HordeClient")<HordeClient, Service>() {}

/**
 * The key of the anonymous account. For an optional key, write `key ?? HordeClient.anonymous`.
 *
 * @since 0.1.0
 * @category keys
 */
export const anonymous: Redacted.Redacted = Redacted.make(anonymousKey)

/**
 * The key that replaces the connection's own key, if any.
 *
 * @since 0.1.0
 * @category keys
 */
export class CurrentApiKey extends Context.Reference<CurrentApiKey>()("effect-horde/CurrentApiKey", {
  defaultValue: (): Option.Option<Redacted.Redacted | undefined> => Option.none()
}) {}

/**
 * Runs an effect or a stream with another key than the connection's: the key of a visitor, or a shared key. If the key
 * is undefined or invalid, calls fail with `InvalidRequest`; the anonymous account is never used silently. For an
 * optional key, write `key ?? HordeClient.anonymous`.
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
export const withApiKey = (
  apiKey: Redacted.Redacted | undefined
): (<Self extends EffectOrStream>(self: Self) => Self) => withReference(CurrentApiKey, Option.some(apiKey))

/**
 * The user for whom a service account sends requests, if any.
 *
 * @since 0.1.0
 * @category service accounts
 */
export class CurrentProxiedUser extends Context.Reference<CurrentProxiedUser>()("effect-horde/CurrentProxiedUser", {
  defaultValue: (): Option.Option<ProxiedUser> => Option.none()
}) {}

/**
 * Runs an effect or a stream for a user of a service account: requests for images and texts, and for their prices, state
 * the user's IP address, by which the server then limits and blocks them. Other calls do not state it. The passkey is
 * the `proxy_passkey` of the account, made by `Users.modify` with `generate_proxy_passkey`. If the address or the
 * passkey is invalid, these requests fail with `InvalidRequest`. Browsers do not allow these headers.
 *
 * @example
 * ```ts
 * import * as HordeClient from "effect-horde/HordeClient"
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import type * as Redacted from "effect/Redacted"
 *
 * export const drawFor = (ip: string, passkey: Redacted.Redacted) =>
 *   ImageGeneration.generate({ prompt: "a lighthouse at dusk" }).pipe(HordeClient.withProxiedFor({ ip, passkey }))
 * ```
 *
 * @since 0.1.0
 * @category service accounts
 */
export const withProxiedFor = (user: ProxiedUser): (<Self extends EffectOrStream>(self: Self) => Self) =>
  withReference(CurrentProxiedUser, Option.some(user))

/** Replaces an undefined key: calls with it are refused before they are sent. */
const invalidKey = Redacted.make("")

/** A reply with its error, if any. `isFinal` excludes a retry of an otherwise retryable error. */
interface Answer extends RateLimit.Answer {
  readonly isFinal: boolean
}

const answered = (reply: Reply, error?: HordeError.CallError, isFinal = false): Answer => ({ reply, error, isFinal })

/** The result of an attempt for `Retry`: a failure may be retried, a success (either side) may not. */
type Outcome = Effect.Effect<Either.Either<Reply, HordeError.CallError>, HordeError.CallError>

const settled = (result: Either.Either<Reply, HordeError.CallError>): Outcome => Effect.succeed(result)

/** The headers of a call. */
const headersOf = (call: PreparedCall, clientAgent: string, apiKey: string): Record<string, string> => ({
  accept: "application/json",
  "client-agent": clientAgent,
  ...(call.declaration.apiKey === "none" ? {} : { apikey: apiKey }),
  ...call.headers
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<
  Service,
  ConfigError.ConfigError,
  HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry | Scope.Scope
> =>
  Effect.gen(function* () {
    const settings = yield* connectionOptions.read(options)
    const { apiKey: ownKey, baseUrl, clientAgent } = settings
    const { limited } = yield* RateLimit.RateLimit
    const retry = yield* Retry.Retry
    const http = yield* HttpClient.HttpClient
    const { host } = new URL(baseUrl)
    const shared = { host, maxBytes: settings.maxReplyBytes }
    const reading = { ...shared, deadline: yield* deadlines.make(settings.timeout, attemptRuntime) }
    const creating = { ...shared, deadline: yield* deadlines.make(settings.creationTimeout, attemptRuntime) }
    /** Whether the horde has ever replied from this address. */
    let isHorde = false

    const send = (call: PreparedCall, key: string) => {
      const { idempotent, method } = call.declaration
      const bare = HttpClientRequest.make(method)(baseUrl + call.path, { headers: headersOf(call, clientAgent, key) })
      const request = call.body === undefined ? bare : HttpClientRequest.bodyText(bare, call.body, "application/json")
      return receive(http.execute(request), call, idempotent ? reading : creating)
    }

    const judge = (call: PreparedCall, reply: Reply, key: string): Effect.Effect<Answer> => {
      if (reply.status < 400 && (reply.json !== undefined || !call.declaration.idempotent)) {
        isHorde ||= reply.json !== undefined
        return Effect.succeed(answered(reply))
      }
      return Effect.map(Clock.currentTimeMillis, (now) => {
        const secrets = () => (key === anonymousKey ? call.secrets() : [...call.secrets(), key])
        const refused = reply.status < 400 ? undefined : refusal(call, reply, key, secrets(), now)
        if (refused !== undefined) {
          isHorde = true
          return answered(reply, refused)
        }
        const error = gatewayReply(call, reply, now)
        // an address that has only returned pages is probably wrong, and a retry would not help
        return answered(reply, error, !isHorde && error._tag === "UnexpectedResponse")
      })
    }

    const attemptOnce = (call: PreparedCall, key: string, hooks: CallHooks | undefined) => {
      const attempt = Effect.flatMap(send(call, key), (reply) => judge(call, reply, key))
      if (hooks === undefined) return attempt
      return Effect.zipRight(hooks.beforeSend, attempt).pipe(
        Effect.tap(({ error }) => (error === undefined ? Effect.void : hooks.onFailedAttempt)),
        Effect.onError(() => hooks.onFailedAttempt)
      )
    }

    const execute: Service["execute"] = (encoded, hooks) =>
      Effect.contextWithEffect((context: Context.Context<never>) => {
        const user = Context.get(context, CurrentProxiedUser)
        const proxied =
          Option.isSome(user) && encoded.declaration.proxiedFor === true
            ? withProxiedUser(encoded, user.value)
            : Either.right(encoded)
        if (Either.isLeft(proxied)) return Effect.fail<HordeError.CallError>(proxied.left)
        const call = proxied.right
        const apiKey = Option.getOrElse(Context.get(context, CurrentApiKey), () => ownKey)
        const wrong = apiKey === ownKey ? undefined : connectionOptions.wrongKey(apiKey)
        if (wrong !== undefined && call.declaration.apiKey !== "none") {
          return Effect.fail<HordeError.CallError>(invalid(call.declaration, { apiKey: wrong }))
        }
        const isUsable = apiKey !== undefined && wrong === undefined
        const key = isUsable ? Redacted.value(apiKey) : anonymousKey
        const attempt = limited(attemptOnce(call, key, hooks), call, apiKey ?? invalidKey)
        // a final error passes through the retries as a value, and is an error again after them
        const outcome = Effect.matchEffect(attempt, {
          onFailure: (error): Outcome =>
            error._tag === "RateLimited" ? settled(Either.left(error)) : Effect.fail(error),
          onSuccess: ({ error, isFinal, reply }): Outcome => {
            if (error === undefined) return settled(Either.right(reply))
            return isFinal ? settled(Either.left(error)) : Effect.fail(error)
          }
        })
        return Effect.flatten(retry.repeat(outcome, call))
      })

    return {
      baseUrl,
      apiKey: Effect.map(CurrentApiKey, (current) => Option.getOrElse(current, () => ownKey) ?? invalidKey),
      execute
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<HordeClient, ConfigError.ConfigError, HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry> =>
  Layer.scoped(HordeClient, make(options))

/** An optional variable. The error of an invalid value names the variable. */
const variable = (name: string, faultOf: (value: string) => string | undefined): Config.Config<Option.Option<string>> =>
  Config.option(
    Config.mapOrFail(Config.string(name), (value) => {
      const fault = faultOf(value)
      return fault === undefined ? Either.right(value) : Either.left(ConfigError.InvalidData([], `${name} ${fault}`))
    })
  )

const apiKeyFrom = (name: string): Config.Config<Option.Option<Redacted.Redacted>> =>
  Config.map(
    variable(name, (key) => connectionOptions.wrongKey(Redacted.make(key))),
    Option.map((key) => Redacted.make(key))
  )

/**
 * The connection's options from the environment: `HORDE_API_KEY`, `HORDE_URL`, `HORDE_CLIENT_AGENT`, each optional.
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<Options> = /* @__PURE__ so that bundlers drop it if it is unused */ Config.suspend(
  () =>
    Config.map(
      Config.all({
        apiKey: apiKeyFrom("HORDE_API_KEY"),
        baseUrl: variable("HORDE_URL", connectionOptions.wrongUrl),
        clientAgent: variable("HORDE_CLIENT_AGENT", connectionOptions.wrongAgent)
      }),
      (found) => ({
        ...Option.match(found.apiKey, { onNone: () => ({}), onSome: (apiKey) => ({ apiKey }) }),
        ...Option.match(found.baseUrl, { onNone: () => ({}), onSome: (baseUrl) => ({ baseUrl }) }),
        ...Option.match(found.clientAgent, { onNone: () => ({}), onSome: (clientAgent) => ({ clientAgent }) })
      })
    )
)

/**
 * The connection from configuration, {@link config} by default.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options> = config
): Layer.Layer<HordeClient, ConfigError.ConfigError, HttpClient.HttpClient | RateLimit.RateLimit | Retry.Retry> =>
  Layer.scoped(HordeClient, Effect.flatMap(Config.unwrap(options), make))
