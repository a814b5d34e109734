/**
 * Reads a text request from its validated body. The defaults are those that the real server applies. Like there, the
 * field `softprompt` is accepted and lost.
 */
import type { TextBody, TextRequest } from "../../state/textRequest.js"
import { commonFields } from "../requestFields.js"

export const fromBody = (body: TextBody, prompt: string): TextRequest => {
  const params = body.params ?? {}
  return {
    ...commonFields(body),
    prompt,
    n: params.n ?? 1,
    maxLength: params.max_length ?? 80,
    maxContextLength: params.max_context_length ?? 2048,
    stopSequences: params.stop_sequence ?? [],
    models: body.models ?? [],
    validatedBackends: body.validated_backends ?? false,
    params,
    body
  }
}
