/** Converts the error of a connection to the error of its call. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Predicate from "effect/Predicate"
import * as HordeError from "../../HordeError.js"
import type { PreparedCall } from "./declaration.js"

/** The codes of Node, undici and Bun for a connection that was never established: nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EPROTO",
  "ERR_INVALID_URL",
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_UNESCAPED_CHARACTERS",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "ConnectionRefused",
  "FailedToOpenSocket",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED"
])

/**
 * The codes of OpenSSL and Node for a rejected certificate and for a failed TLS handshake, without those of records
 * that are damaged later.
 */
const tlsFailure =
  /^(?:UNABLE_TO_|CERT_|CRL_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_(?!.*(?:BAD_RECORD_MAC|DECRYPTION|EOF|SHUTDOWN)))/

/** Messages of errors without a code: those of Deno, and of `fetch` for a URL that it refuses. */
const neverSentMessage =
  /connection refused|client error \(connect\)|dns error|failed to lookup|invalid peer certificate|before secure tls connection was established|bad port|unknown scheme|url scheme|failed to parse url|invalid url|includes credentials/i

/** System calls that precede the sending. */
const early = new Set(["connect", "getaddrinfo", "queryA", "queryAaaa"])

const text = (value: object, field: string): string => {
  const found: unknown = Reflect.get(value, field)
  return typeof found === "string" ? found : ""
}

const isNeverSent = (error: object): boolean => {
  const code = text(error, "code")
  return (
    neverSent.has(code) ||
    tlsFailure.test(code) ||
    early.has(text(error, "syscall")) ||
    neverSentMessage.test(text(error, "message").slice(0, 1000))
  )
}

/** How many errors of a chain, or of a group, are inspected. */
const depth = 8

/** The errors along a chain of causes, outermost first. */
const chainOf = (cause: unknown): ReadonlyArray<object> => {
  const chain: Array<object> = []
  for (let at = cause; Predicate.isObject(at) && chain.length < depth; at = Reflect.get(at, "cause")) chain.push(at)
  return chain
}

/** The errors of the attempts to connect to several addresses of one host. */
const attemptsOf = (error: object): ReadonlyArray<unknown> => {
  const errors: unknown = Reflect.get(error, "errors")
  return Array.isArray(errors) ? errors.slice(0, depth) : []
}

/** Whether no connection was established, to any address of the host. */
const wasNeverSent = (cause: unknown): boolean =>
  chainOf(cause).some((error) => {
    const attempts = attemptsOf(error)
    return isNeverSent(error) || (attempts.length > 0 && attempts.every(wasNeverSent))
  })

const codeOf = (cause: unknown): string | undefined =>
  chainOf(cause)
    .flatMap((error) => [error, ...attemptsOf(error)])
    .filter(Predicate.isObject)
    .map((error) => text(error, "code"))
    .find((code) => /^\w{1,60}$/.test(code))

export const timedOut = (call: PreparedCall): HordeError.TransportError | HordeError.OutcomeUnknown =>
  lost(call, "TimedOut", "timed out before the full reply arrived")

/** `host` is the host that the call was sent to. */
export const broken = (
  call: PreparedCall,
  error: HttpClientError.HttpClientError,
  host: string
): HordeError.TransportError | HordeError.OutcomeUnknown => {
  const code = codeOf(error.cause) ?? error.reason
  if (error.reason === "InvalidUrl" || error.reason === "Encode" || wasNeverSent(error.cause)) {
    const { method, path } = call.declaration
    const message = `no connection to ${host} could be established (${code})`
    return new HordeError.TransportError({ method, path, reason: "NotSent", message })
  }
  return lost(call, "Lost", `the connection to ${host} broke (${code})`)
}

const lost = (call: PreparedCall, reason: "Lost" | "TimedOut", message: string) => {
  const { idempotent, method, path } = call.declaration
  return idempotent
    ? new HordeError.TransportError({ method, path, reason, message })
    : new HordeError.OutcomeUnknown({ method, path, message: `${message}: the call may have been carried out` })
}
