/**
 * Replies that do not come from the horde: a proxy's error page, a captive portal, a redirect, an empty body. They say
 * nothing about the call, whatever their status.
 */
import type * as Duration from "effect/Duration"
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { retryAfter } from "../limits/limiterMessage.js"
import type { PreparedCall } from "./declaration.js"

/** The server says so itself, in HTML, of a path that it does not have: an older version, or another base path. */
const unknownPath = "The requested URL was not found on the server."

/** Browsers hide where a redirect leads, and its status with it. */
const isRedirect = ({ status }: Reply): boolean => status === 0 || (status >= 300 && status < 400)

const describe = (reply: Reply): string => {
  const { location } = reply.headers
  if (isRedirect(reply)) {
    // of the address only the host: its path may hold ids
    const host = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).host}` : ""
    return `the request was redirected${host} (HTTP ${reply.status})`
  }
  if (reply.status === 404 && reply.body.includes(unknownPath)) return "the server has no such path (HTTP 404)"
  return `HTTP ${reply.status} without a JSON body of the horde`
}

const hint = "if this persists, check the base URL"

/** `Retry-After` of a gateway. The limiter of the horde sends one along with every reply, which means nothing. */
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
