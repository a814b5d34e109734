/** What a broken connection means for the call that was on it. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Predicate from "effect/Predicate"
import type { Call } from "../Declaration.js"
import * as HordeError from "../HordeError.js"

/** The codes of Node, undici and Bun for a connection that never came about: nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  "FailedToOpenSocket",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID"
])

/** The error codes along a chain of causes; Deno has none, and says it in words. */
const codes = (cause: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let at = cause, depth = 0; Predicate.isObject(at) && depth < 8; depth++) {
    if (Predicate.hasProperty(at, "code") && typeof at.code === "string") found.push(at.code)
    if (at instanceof Error && /connection refused|dns error|failed to lookup/i.test(at.message)) {
      found.push("ECONNREFUSED")
    }
    at = Predicate.hasProperty(at, "cause") ? at.cause : undefined
  }
  return found
}

export const timedOut = (call: Call): HordeError.TransportError | HordeError.OutcomeUnknown =>
  lost(call, "TimedOut", "no whole reply came in time")

export const broken = (
  call: Call,
  error: HttpClientError.HttpClientError
): HordeError.TransportError | HordeError.OutcomeUnknown => {
  const found = codes(error.cause)
  if (error.reason === "InvalidUrl" || error.reason === "Encode" || found.some((code) => neverSent.has(code))) {
    const { method, path } = call.declaration
    return new HordeError.TransportError({
      method,
      path,
      reason: "NotSent",
      message: `the connection could not be made (${found[0] ?? error.reason})`
    })
  }
  return lost(call, "Lost", `the connection broke (${found[0] ?? error.reason})`)
}

const lost = (call: Call, reason: "Lost" | "TimedOut", message: string) => {
  const { idempotent, method, path } = call.declaration
  return idempotent
    ? new HordeError.TransportError({ method, path, reason, message })
    : new HordeError.OutcomeUnknown({ method, path, message: `${message}: the call may have been carried out` })
}
