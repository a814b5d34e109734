/**
 * The reply of the embedded horde as a response of an `HttpClient`. Its body is available at once.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Reply } from "../http/reply.js"
import { firstHalf } from "./partialBody.js"

export class Response extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
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
    return Effect.fail(this.unreadable(new Error("The server never replies with a form")))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    const { body, delivery } = this.reply
    switch (delivery) {
      case "truncated":
        return Stream.concat(Stream.make(firstHalf(body)), Stream.fail(this.connectionLost))
      case "hangingHalf":
        return Stream.concat(Stream.make(firstHalf(body)), Stream.never)
      default:
        return Stream.unwrap(Effect.map(this.bytes, (bytes) => Stream.make(bytes)))
    }
  }

  private get bytes(): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    const { body, delivery } = this.reply
    if (delivery === "truncated") return Effect.fail(this.connectionLost)
    if (delivery === "hangingHalf") return Effect.never
    return Effect.succeed(typeof body === "string" ? new TextEncoder().encode(body) : body)
  }

  private get connectionLost(): HttpClientError.ResponseError {
    return this.unreadable(
      Object.assign(new Error("The connection was lost before the end of the body"), { code: "ECONNRESET" })
    )
  }

  private unreadable(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }
}
