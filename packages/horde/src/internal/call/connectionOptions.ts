/** Validates the options of a connection. Errors name an option and never quote a secret. */
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { version } from "./version.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * An account's key (22 characters) or a shared key (a UUID). Without this option the account is the anonymous one,
   * which waits longest. An undefined key is refused: for an optional key, write `key ?? HordeClient.anonymous`.
   */
  readonly apiKey?: Redacted.Redacted | undefined
  /** The horde's address: `…/api`, `…/api/` and `…/api/v2` mean the same. `https://aihorde.net/api` by default. */
  readonly baseUrl?: string | undefined
  /**
   * The calling program, as `name:version:contact`. The server blocks requests without a known agent from some
   * networks, so set it.
   */
  readonly clientAgent?: string | undefined
  /** The time-out of one attempt, from sending it to the end of its reply. 30 seconds by default. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The time-out of calls that create something (submits, new keys). They are sent once, and an overloaded server may
   * take more than 30 seconds to reply with the id of what it created. 90 seconds by default.
   */
  readonly creationTimeout?: Duration.DurationInput | undefined
  /** The maximum size of a reply in bytes, 1 to 2^28. 128 MiB by default. */
  readonly maxReplyBytes?: number | undefined
}

export const anonymousKey = "0000000000"

const accountKey = /^[A-Za-z0-9_-]{22}$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const isSharedKey = (key: string): boolean => uuid.test(key)

/** The example value of the API's documentation, which the server bans. */
const placeholderAgent = "My-Project:v0.0.1:My-Contact"

/** Why a key is invalid, without quoting it; `undefined` if it is valid. */
export const wrongKey = (apiKey: unknown): string | undefined => {
  if (!Redacted.isRedacted(apiKey))
    return "must be a redacted key; for the anonymous account it is HordeClient.anonymous"
  const key: unknown = Redacted.value(apiKey)
  if (typeof key !== "string" || key === "") return "must not be empty; leave it out for the anonymous account"
  return key === anonymousKey || accountKey.test(key) || isSharedKey(key)
    ? undefined
    : "must be an account's key (22 characters) or a shared key (a UUID)"
}

export const wrongAgent = (agent: string): string | undefined => {
  if (agent === placeholderAgent) return "is the placeholder that the server bans; name your own program"
  return /^[!-9;-~]+:[!-9;-~]+:[!-~][ -~]*$/.test(agent) ? undefined : "must read name:version:contact"
}

const readUrl = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined
  const path = url.pathname.replace(/\/+$/, "").replace(/\/v2$/, "")
  return `${url.origin}${path === "" ? "/api" : path}`
}

/** Empty if the address may contain a password. */
const quoted = (text: string): string => (text.includes("@") ? "" : `is ${JSON.stringify(text.slice(0, 200))}: `)

export const wrongUrl = (text: string): string | undefined =>
  readUrl(text) === undefined ? `${quoted(text)}must be an http or https address` : undefined

const refuse = (field: string, why: string) => Effect.fail(ConfigError.InvalidData([field], `${field} ${why}`))

const readDuration = (field: string, input: Duration.DurationInput) => {
  const duration = Duration.decodeUnknown(input)
  return Option.isSome(duration) && Duration.greaterThan(duration.value, Duration.zero)
    ? Effect.succeed(duration.value)
    : refuse(field, 'must be a duration above zero, such as "30 seconds"')
}

/** Less than the maximum string length of JavaScript engines. */
const largestReply = 2 ** 28

export const read = (options: Options) =>
  Effect.gen(function* () {
    // an undefined key is a mistake of the caller, and must not select the anonymous account
    const apiKey = "apiKey" in options ? options.apiKey : Redacted.make(anonymousKey)
    const keyFault = wrongKey(apiKey)
    if (keyFault !== undefined || apiKey === undefined) return yield* refuse("apiKey", keyFault ?? "is undefined")
    const clientAgent = options.clientAgent ?? `effect-horde:${version}:unknown`
    const agentFault = wrongAgent(clientAgent)
    if (agentFault !== undefined) return yield* refuse("clientAgent", agentFault)
    const address = options.baseUrl ?? "https://aihorde.net/api"
    const baseUrl = readUrl(address)
    if (baseUrl === undefined) return yield* refuse("baseUrl", wrongUrl(address) ?? "is invalid")
    const timeout = yield* readDuration("timeout", options.timeout ?? "30 seconds")
    const creationTimeout = yield* readDuration("creationTimeout", options.creationTimeout ?? "90 seconds")
    const maxReplyBytes = options.maxReplyBytes ?? 128 * 1024 * 1024
    if (!(Number.isInteger(maxReplyBytes) && maxReplyBytes > 0 && maxReplyBytes <= largestReply)) {
      return yield* refuse("maxReplyBytes", `must be a whole number from 1 to ${largestReply}`)
    }
    return { apiKey, clientAgent, baseUrl, timeout, creationTimeout, maxReplyBytes }
  })
