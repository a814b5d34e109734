/** Turns an error of the horde into an `AiError`, with the error of the horde as its cause. */
import * as AiError from "@effect/ai/AiError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as HordeError from "effect-horde/HordeError"
import type * as TextGeneration from "effect-horde/TextGeneration"

const module = "HordeLanguageModel"

/** The path is the template, as in every error of the horde: a concrete one has the id of a job. */
const requestOf = ({ method, path }: TextGeneration.GenerateError): typeof AiError.HttpRequestDetails.Type => ({
  method: method === "DELETE" || method === "POST" ? method : "GET",
  url: path,
  urlParams: [],
  hash: Option.none(),
  headers: {}
})

/** `HttpResponseError` declares no field for a cause, but it is an `Error`, which may have one. */
const withCause = (error: AiError.HttpResponseError, cause: TextGeneration.GenerateError): AiError.HttpResponseError =>
  Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true })

type Refusal = Extract<TextGeneration.GenerateError, { readonly status: number }>

const refused = (error: Refusal, method: string): AiError.HttpResponseError =>
  withCause(
    new AiError.HttpResponseError({
      module,
      method,
      reason: error._tag === "UnexpectedResponse" ? "Decode" : "StatusCode",
      description: error.message,
      request: requestOf(error),
      response: {
        status: error.status,
        headers:
          error.retryAfter === undefined
            ? {}
            : { "retry-after": String(Math.ceil(Duration.toSeconds(error.retryAfter))) }
      }
    }),
    error
  )

/** The `AiError` for an error of `TextGeneration.generate`. `method` is the function of the language model. */
export const aiErrorOf =
  (method: "generateText" | "streamText") =>
  (error: TextGeneration.GenerateError): AiError.AiError => {
    switch (error._tag) {
      case "InvalidRequest":
        return new AiError.MalformedInput({ module, method, description: error.message, cause: error })
      case "TransportError":
        return new AiError.HttpRequestError({
          module,
          method,
          reason: "Transport",
          description: error.message,
          request: requestOf(error),
          cause: error
        })
      case "OutcomeUnknown":
      case "JournalFailed":
      case "JobFaulted":
      case "JobImpossible":
      case "JobTimedOut":
      case "JobExpired":
      case "JobCancelled":
      case "DownloadFailed":
        return new AiError.UnknownError({ module, method, description: error.message, cause: error })
      default:
        return refused(error, method)
    }
  }

/**
 * The error of the horde that caused an `AiError`, with its `_tag`, `rc`, `isRetryable` and `retryAfter`; none if the
 * horde was not asked, or if the answer did not match a schema.
 *
 * @since 0.1.0
 * @category errors
 */
export const hordeError = (error: AiError.AiError): Option.Option<HordeError.Shape> =>
  Option.liftPredicate(error.cause, HordeError.isHordeError)
