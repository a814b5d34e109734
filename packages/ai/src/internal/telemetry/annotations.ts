/** The attributes of a language model's span. The prompt, the stop sequences and the answer are none of them. */
import * as Telemetry from "@effect/ai/Telemetry"
import type { Span } from "effect/Tracer"
import type { GenerationInputKobold } from "effect-horde/TextGeneration"
import type { Answer } from "../answer/parts.js"

export const annotateRequest = (span: Span, { models, params }: GenerationInputKobold): void =>
  Telemetry.addGenAIAnnotations(span, {
    system: "horde",
    operation: { name: "chat" },
    request: {
      model: models?.join(", "),
      temperature: params?.temperature,
      topP: params?.top_p,
      topK: params?.top_k,
      maxTokens: params?.max_length
    }
  })

export const annotateAnswer = (span: Span, { finishReason, generated }: Answer): void =>
  Telemetry.addGenAIAnnotations(span, {
    response: { id: generated.key, model: generated.model, finishReasons: [finishReason] }
  })
