/** Sends a call and reads its reply, within the time-out and the size limit. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { joinChunks } from "../platform/joinChunks.js"
import type { Deadline } from "./deadlines.js"
import type { PreparedCall } from "./declaration.js"
import { parseJson } from "./parseJson.js"
import { broken, timedOut } from "./transport.js"

export interface Limits {
  /** The host that the call is sent to, for messages. */
  readonly host: string
  readonly deadline: Deadline
  /** The maximum size of a body. */
  readonly maxBytes: number
}

class TooLarge extends Data.TaggedError("TooLarge")<{ readonly status: number }> {}

type ReadError = HttpClientError.HttpClientError | TooLarge

/** The part of a reply that has arrived. */
interface Received {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly chunks: Array<Uint8Array>
  size: number
}

const replyOf = (
  { headers, status }: HttpClientResponse.HttpClientResponse,
  body: string,
  isWhole: boolean
): Reply => ({
  status,
  headers,
  body,
  json: parseJson(body),
  isWhole
})

const partOf = ({ chunks, response, size }: Received, isWhole: boolean): Reply =>
  replyOf(response, new TextDecoder().decode(joinChunks(chunks, size)), isWhole)

const hasNoBody = (error: ReadError): boolean => error._tag === "ResponseError" && error.reason === "EmptyBody"

/** The length that the headers declare, unless it is the length of a compressed form. */
const declaredLength = ({ headers }: HttpClientResponse.HttpClientResponse): number | undefined => {
  const length = headers["content-length"]
  return length === undefined || headers["content-encoding"] !== undefined ? undefined : Number(length)
}

const readStream = (received: Received, maxBytes: number): Effect.Effect<Reply, ReadError> => {
  const { response } = received
  return Stream.runForEach(response.stream, (chunk) => {
    if (received.size + chunk.byteLength > maxBytes) return new TooLarge({ status: response.status })
    received.size += chunk.byteLength
    received.chunks.push(chunk)
    return Effect.void
  }).pipe(
    Effect.catchIf(hasNoBody, () => Effect.void),
    Effect.map(() => partOf(received, true))
  )
}

/** `received` is `undefined` if an incomplete reply is of no use: a whole reply is read faster than its chunks. */
const read = (
  response: HttpClientResponse.HttpClientResponse,
  maxBytes: number,
  received: Received | undefined
): Effect.Effect<Reply, ReadError> => {
  const length = declaredLength(response)
  if (Number(response.headers["content-length"]) > maxBytes) return new TooLarge({ status: response.status })
  if (received !== undefined || length === undefined || Number.isNaN(length)) {
    return readStream(received ?? { response, chunks: [], size: 0 }, maxBytes)
  }
  return Effect.map(response.text, (body) => replyOf(response, body, true))
}

const tooLarge = (call: PreparedCall, status: number, maxBytes: number) => {
  const { idempotent, method, path } = call.declaration
  const message = `the reply has more than ${maxBytes} bytes`
  return idempotent
    ? new HordeError.UnexpectedResponse({ method, path, status, message })
    : new HordeError.OutcomeUnknown({ method, path, status, message: `${message}: the call may have been carried out` })
}

export type ReceiveError = HordeError.TransportError | HordeError.OutcomeUnknown | HordeError.UnexpectedResponse

/**
 * If the reply of a call that creates something breaks off, the received part is returned, because it may contain the
 * id of what was created.
 */
export const receive = (
  execute: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>,
  call: PreparedCall,
  { deadline, host, maxBytes }: Limits
): Effect.Effect<Reply, ReceiveError> => {
  const errorOf = (error: ReadError): ReceiveError =>
    error._tag === "TooLarge" ? tooLarge(call, error.status, maxBytes) : broken(call, error, host)
  const onTimeout = () => timedOut(call)
  if (call.declaration.idempotent) {
    const whole = Effect.flatMap(execute, (response) => read(response, maxBytes, undefined))
    return deadline(Effect.mapError(whole, errorOf), onTimeout)
  }
  return Effect.suspend(() => {
    let received: Received | undefined
    const whole = Effect.flatMap(execute, (response) => {
      received = { response, chunks: [], size: 0 }
      return read(response, maxBytes, received)
    })
    return Effect.catchAll(deadline(Effect.mapError(whole, errorOf), onTimeout), (error) =>
      received === undefined ? Effect.fail(error) : Effect.succeed(partOf(received, false))
    )
  })
}
