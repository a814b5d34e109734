/**
 * The in-process transport: an `HttpClient` that calls the server in the caller's own fiber, without a socket. It never
 * waits for real asynchronous work, so all time is the caller's clock.
 */
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Body from "../http/body.js"
import { ipOf } from "../http/incoming.js"
import type { Options } from "../state/options.js"
import { Response } from "./response.js"
import * as Running from "./service.js"

const transportError = (request: HttpClientRequest.HttpClientRequest, code: string, message: string) =>
  Effect.fail(
    new HttpClientError.RequestError({
      request,
      reason: "Transport",
      cause: Object.assign(new Error(message), { code })
    })
  )

const bytesOf = (
  request: HttpClientRequest.HttpClientRequest,
  body: HttpBody.HttpBody
): Effect.Effect<Uint8Array | undefined, HttpClientError.RequestError> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(undefined)
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      if (typeof body.body === "string") return Effect.succeed(new TextEncoder().encode(body.body))
      if (body.body instanceof Uint8Array) return Effect.succeed(body.body)
      break
    case "FormData":
    case "Stream":
      break
  }
  const cause = new Error("The in-process embedded horde accepts text and bytes as a body, no streams or forms")
  return Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", cause }))
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

const client = (running: Running.Running): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    if (!isLoopback(url.hostname)) {
      return transportError(
        request,
        "ENOTFOUND",
        "The in-process embedded horde is reached through loopback addresses only"
      )
    }
    return Effect.flatMap(bytesOf(request, request.body), (bytes) => {
      const headers: Readonly<Record<string, string>> = { ...request.headers }
      const exchange = running.receive({
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        headers,
        ...Body.fromBytes(bytes),
        ip: ipOf(headers, "127.0.0.1")
      })
      return Effect.flatMap(
        exchange,
        (reply): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
          switch (reply.delivery) {
            case "refused":
              return transportError(request, "ECONNREFUSED", "The connection was refused")
            case "reset":
              return transportError(request, "ECONNRESET", "The connection was reset")
            case "hangingSilent":
              return Effect.never
            default:
              return Effect.succeed(new Response(request, reply))
          }
        }
      )
    })
  })

export const layer = <Self>(
  tag: Context.Tag<Self, Running.Service>,
  options: Options
): Layer.Layer<HttpClient.HttpClient | Self> =>
  Layer.effectContext(
    Effect.map(Running.start(options, "http://127.0.0.1"), (running) =>
      Context.make(tag, running.service).pipe(Context.add(HttpClient.HttpClient, client(running)))
    )
  )
