/** Reads the reply to a call, within its time-out and its size limit. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { joinChunks } from "../platform/joinChunks.js"
import type { PreparedCall } from "./declaration.js"
import { parseJson } from "./parseJson.js"
import { broken, timedOut } from "./transport.js"

export interface Limits {
  /** Where the call is sent, for messages. */
  readonly host: string
  readonly timeout: Duration.Duration
  /** The most bytes that a body may have. */
  readonly maxBytes: number
}

class TooLarge extends Data.TaggedError("TooLarge") {}

/** What has come of a reply so far. */
interface Received {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly chunks: Array<Uint8Array>
  size: number
}

const replyOf = (received: Received, isWhole: boolean): Reply => {
  const { headers, status } = received.response
  const body = new TextDecoder().decode(joinChunks(received.chunks, received.size))
  return { status, headers, body, json: parseJson(body), isWhole }
}

const hasNoBody = (error: HttpClientError.HttpClientError | TooLarge): boolean =>
  error._tag === "ResponseError" && error.reason === "EmptyBody"

const read = (
  received: Received,
  maxBytes: number
): Effect.Effect<void, HttpClientError.HttpClientError | TooLarge> => {
  const declared = Number(received.response.headers["content-length"])
  if (declared > maxBytes) return new TooLarge()
  return Stream.runForEach(received.response.stream, (chunk) => {
    if (received.size + chunk.byteLength > maxBytes) return new TooLarge()
    received.size += chunk.byteLength
    received.chunks.push(chunk)
    return Effect.void
  }).pipe(Effect.catchIf(hasNoBody, () => Effect.void))
}

const tooLarge = (call: PreparedCall, status: number, maxBytes: number) => {
  const { idempotent, method, path } = call.declaration
  const message = `the reply has more than ${maxBytes} bytes`
  return idempotent
    ? new HordeError.UnexpectedResponse({ method, path, status, message })
    : new HordeError.OutcomeUnknown({ method, path, status, message: `${message}: the call may have been carried out` })
}

/**
 * Of a call that creates something, the reply is kept as far as it came, since even half of it may name what was
 * created.
 */
export const receive = (
  execute: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>,
  call: PreparedCall,
  { host, maxBytes, timeout }: Limits
): Effect.Effect<Reply, HordeError.TransportError | HordeError.OutcomeUnknown | HordeError.UnexpectedResponse> =>
  Effect.suspend(() => {
    let received: Received | undefined
    const whole = Effect.flatMap(execute, (response) => {
      const current: Received = { response, chunks: [], size: 0 }
      received = current
      return Effect.map(read(current, maxBytes), () => replyOf(current, true))
    }).pipe(
      Effect.mapError((error) =>
        error._tag === "TooLarge" ? tooLarge(call, received?.response.status ?? 0, maxBytes) : broken(call, error, host)
      ),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => timedOut(call) })
    )
    if (call.declaration.idempotent) return whole
    return Effect.catchAll(whole, (error) =>
      received === undefined ? Effect.fail(error) : Effect.succeed(replyOf(received, false))
    )
  })
