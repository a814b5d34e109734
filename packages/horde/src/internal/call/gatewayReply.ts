/**
 * Replies that do not come from the horde: the error page of a proxy, a captive portal, a redirect, an empty body.
 * Whatever their status, they do not tell whether the horde received the call.
 */
import type * as Duration from "effect/Duration"
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { retryAfter } from "../limits/limiterMessage.js"
import type { PreparedCall } from "./declaration.js"

/** The server's own HTML reply for an unknown path: it is an older version, or the base URL is wrong. */
const unknownPath = "The requested URL was not found on the server."

/** Browsers hide the status and the target of a redirect. */
const isRedirect = ({ status }: Reply): boolean => status === 0 || (status >= 300 && status < 400)

const describe = (reply: Reply): string => {
  const { location } = reply.headers
  if (isRedirect(reply)) {
    // the path of the target may contain ids
    const host = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).host}` : ""
    return `the request was redirected${host} (HTTP ${reply.status})`
  }
  if (reply.status === 404 && reply.body.includes(unknownPath)) return "the server has no such path (HTTP 404)"
  return `HTTP ${reply.status} without a JSON body of the horde`
}

const hint = "if this persists, check the base URL"

/** The `Retry-After` header of a gateway. The horde's limiter sends one with every reply, which has no meaning. */
export const gatewayRetryAfter = (
  headers: Reply["headers"],
  now: number
): { readonly retryAfter?: Duration.Duration } => {
  if (headers["x-ratelimit-limit"] !== undefined) return {}
  const wait = retryAfter(headers["retry-after"], now)
  return wait === undefined ? {} : { retryAfter: wait }
}

export type GatewayReply =
  | HordeError.UnexpectedResponse
  | HordeError.ServerError
  | HordeError.RateLimited
  | HordeError.OutcomeUnknown

/** `now` is the wall-clock time in milliseconds. */
export const gatewayReply = (call: PreparedCall, reply: Reply, now: number): GatewayReply => {
  const { idempotent, method, path } = call.declaration
  const { status } = reply
  const said = describe(reply)
  if (!idempotent) {
    const message = `${said}: whether the call was carried out is unknown; ${hint}`
    return new HordeError.OutcomeUnknown({ method, path, status, message })
  }
  const isUnknownPath = status === 404 && reply.body.includes(unknownPath)
  const about = {
    method,
    path,
    status,
    message: `${said}; ${hint}`,
    fromGateway: !isUnknownPath,
    ...gatewayRetryAfter(reply.headers, now)
  }
  if (status === 429) return new HordeError.RateLimited(about)
  return status >= 500 ? new HordeError.ServerError(about) : new HordeError.UnexpectedResponse(about)
}
