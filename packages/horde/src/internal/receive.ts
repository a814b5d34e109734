/** Reads a whole reply within its time-out. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Call } from "../Declaration.js"
import type * as HordeError from "../HordeError.js"
import type { Reply } from "../Reply.js"
import { broken, timedOut } from "./transport.js"

const whole = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.map(
    response.text,
    (body): Reply => ({ status: response.status, headers: response.headers, body, isWhole: true })
  )

/**
 * The answer to a call that creates something is kept as far as it came, since even half of it may name what was
 * created.
 */
const asFarAsItComes = (response: HttpClientResponse.HttpClientResponse, seen: { reply: Reply | undefined }) =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    const { headers, status } = response
    let body = ""
    seen.reply = { status, headers, body, isWhole: false }
    return Effect.map(
      Stream.runForEach(response.stream, (bytes) =>
        Effect.sync(() => {
          body += decoder.decode(bytes, { stream: true })
          seen.reply = { status, headers, body, isWhole: false }
        })
      ),
      (): Reply => ({ status, headers, body: body + decoder.decode(), isWhole: true })
    )
  })

export const receive = (
  execute: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>,
  call: Call,
  timeout: Duration.Duration
): Effect.Effect<Reply, HordeError.TransportError | HordeError.OutcomeUnknown> => {
  if (call.declaration.idempotent) {
    return execute.pipe(
      Effect.flatMap(whole),
      Effect.mapError((error) => broken(call, error)),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => timedOut(call) })
    )
  }
  return Effect.suspend(() => {
    const seen: { reply: Reply | undefined } = { reply: undefined }
    return execute.pipe(
      Effect.flatMap((response) => asFarAsItComes(response, seen)),
      Effect.mapError((error) => broken(call, error)),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => timedOut(call) }),
      Effect.catchAll((error) => (seen.reply === undefined ? Effect.fail(error) : Effect.succeed(seen.reply)))
    )
  })
}
