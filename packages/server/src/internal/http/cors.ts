/**
 * Cross-origin access for browsers: every origin is allowed. Like on the real server, no further headers are exposed,
 * so scripts cannot read those of the rate limiter.
 */
import { type Answer, html } from "./reply.js"

/** Sent with every reply. */
export const headers: Readonly<Record<string, string>> = { "access-control-allow-origin": "*" }

/** The reply to `OPTIONS`, which does not depend on the headers of the preflight request. */
export const preflight = (allow: string): Answer =>
  html(200, "", {
    allow,
    "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE, PATCH",
    "access-control-allow-headers":
      "Accept, Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, apikey, Client-Agent, X-Fields, " +
      "X-Forwarded-For, Proxied-For, Proxy-Authorization"
  })
