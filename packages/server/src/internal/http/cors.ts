/**
 * What lets programs in browsers talk to the server: everybody may, from everywhere. Nothing is exposed beyond what
 * browsers show anyway, so the limiter's headers stay hidden from them, as on the real server.
 */
import { type Answer, html } from "./reply.js"

/** On every reply. */
export const headers: Readonly<Record<string, string>> = { "access-control-allow-origin": "*" }

/** The answer to `OPTIONS`. It does not look at what the browser asks for. */
export const preflight = (allow: string): Answer =>
  html(200, "", {
    allow,
    "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE, PATCH",
    "access-control-allow-headers":
      "Accept, Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, apikey, Client-Agent, X-Fields, " +
      "X-Forwarded-For, Proxied-For, Proxy-Authorization"
  })
