/** The parts of a response, made from the text that a job delivered. */
import * as AiError from "@effect/ai/AiError"
import type * as Response from "@effect/ai/Response"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { GeneratedText } from "effect-horde/TextGeneration"

/** The answer of a job: its text without the next message that a model may have begun. */
export interface Answer {
  readonly text: string
  readonly finishReason: Response.FinishReason
  readonly generated: GeneratedText
}

/** The answer without the stop sequence: some workers deliver it too, and some continue after it. */
const answerIn = (generated: GeneratedText, stopSequences: ReadonlyArray<string>): Answer => {
  const stops = stopSequences.map((sequence) => (sequence === "" ? -1 : generated.text.indexOf(sequence)))
  const end = Math.min(generated.text.length, ...stops.filter((stop) => stop !== -1))
  return {
    text: generated.text.slice(0, end).trim(),
    // the server does not report why a text ended: the model, or the maximum length
    finishReason: generated.censored ? "content-filter" : end < generated.text.length ? "stop" : "unknown",
    generated
  }
}

/** The answer of a job, which generates one text. */
export const answerOf = (
  [generated]: ReadonlyArray<GeneratedText>,
  stopSequences: ReadonlyArray<string>
): Effect.Effect<Answer, AiError.MalformedOutput> =>
  generated === undefined
    ? Effect.fail(
        new AiError.MalformedOutput({
          module: "HordeLanguageModel",
          method: "makeResponse",
          description: "the job delivered no text"
        })
      )
    : Effect.succeed(answerIn(generated, stopSequences))

const unknownUsage = { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined }

const metadataOf = ({ generated }: Answer): Effect.Effect<Response.ResponseMetadataPartEncoded> =>
  Effect.map(DateTime.now, (now) => ({
    type: "response-metadata",
    id: generated.key,
    modelId: generated.model,
    timestamp: DateTime.formatIso(now)
  }))

const finishOf = ({ finishReason, generated }: Answer): Response.FinishPartEncoded => ({
  type: "finish",
  reason: finishReason,
  usage: unknownUsage,
  metadata: {
    horde: {
      seed: generated.seed,
      state: generated.state,
      workerId: generated.workerId,
      workerName: generated.workerName
    }
  }
})

/** The parts of a response that is complete. */
export const partsOf = (answer: Answer): Effect.Effect<Array<Response.PartEncoded>> =>
  Effect.map(metadataOf(answer), (metadata) => [metadata, { type: "text", text: answer.text }, finishOf(answer)])

/** The parts of a streamed response. A job delivers its text as a whole, so there is one delta. */
export const streamPartsOf = (answer: Answer): Effect.Effect<ReadonlyArray<Response.StreamPartEncoded>> =>
  Effect.map(metadataOf(answer), (metadata) => {
    const { key: id } = answer.generated
    return [
      metadata,
      { type: "text-start", id },
      { type: "text-delta", id, delta: answer.text },
      { type: "text-end", id },
      finishOf(answer)
    ]
  })
