/**
 * An `HttpClient` with the server behind it and no socket in between. Nothing here waits for real time: bodies are
 * there when the reply is.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { HordeServer, Options, Service } from "../../HordeServer.js"
import * as Body from "../http/body.js"
import type { Reply } from "../http/reply.js"
import * as Running from "./service.js"

class Response extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly status: number
  readonly headers: Headers.Headers
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.some("127.0.0.1")

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    private readonly reply: Reply
  ) {
    super()
    this.status = reply.status
    this.headers = Headers.fromInput(reply.headers)
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => new TextDecoder().decode(bytes))
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: () => (text === "" ? null : (JSON.parse(text) as unknown)),
        catch: (cause) => this.unreadable(cause)
      })
    )
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.fail(this.unreadable(new Error("The server never answers with a form")))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    const { body, delivery } = this.reply
    switch (delivery) {
      case "truncated":
        return Stream.concat(Stream.make(Running.half(body)), Stream.fail(this.brokenOff))
      case "hangingHalf":
        return Stream.concat(Stream.make(Running.half(body)), Stream.never)
      default:
        return Stream.unwrap(Effect.map(this.bytes, (bytes) => Stream.make(bytes)))
    }
  }

  private get bytes(): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    const { body, delivery } = this.reply
    if (delivery === "truncated") return Effect.fail(this.brokenOff)
    if (delivery === "hangingHalf") return Effect.never
    return Effect.succeed(typeof body === "string" ? new TextEncoder().encode(body) : body)
  }

  private get brokenOff(): HttpClientError.ResponseError {
    return this.unreadable(Object.assign(new Error("The connection broke in the middle"), { code: "ECONNRESET" }))
  }

  private unreadable(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }
}

const transport = (request: HttpClientRequest.HttpClientRequest, code: string, message: string) =>
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
  const cause = new Error("The embedded horde reads bodies that are there at once: text or bytes")
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
      return transport(request, "ENOTFOUND", "Only loopback addresses lead to the embedded horde")
    }
    return Effect.flatMap(bytesOf(request, request.body), (bytes) => {
      const headers: Readonly<Record<string, string>> = { ...request.headers }
      const exchange = running.handle({
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        headers,
        ...Body.fromBytes(bytes),
        ip: Running.ipOf(headers, "127.0.0.1")
      })
      return Effect.flatMap(
        exchange,
        (reply): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
          switch (reply.delivery) {
            case "refused":
              return transport(request, "ECONNREFUSED", "The connection was refused")
            case "reset":
              return transport(request, "ECONNRESET", "The connection was reset")
            case "hangingSilent":
              return Effect.never
            default:
              return Effect.succeed(new Response(request, reply))
          }
        }
      )
    })
  })

export const layer = (
  tag: Context.Tag<HordeServer, Service>,
  options: Options
): Layer.Layer<HttpClient.HttpClient | HordeServer> =>
  Layer.effectContext(
    Effect.map(Running.start(options, "http://127.0.0.1"), (running) =>
      Context.make(tag, running.service).pipe(Context.add(HttpClient.HttpClient, client(running)))
    )
  )
