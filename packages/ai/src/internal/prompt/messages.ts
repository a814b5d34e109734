/** Reduces a prompt to messages of text, and refuses the parts that a text model cannot read. */
import * as AiError from "@effect/ai/AiError"
import type * as Prompt from "@effect/ai/Prompt"
import * as Effect from "effect/Effect"
import type { Message } from "../../ChatTemplate.js"

const refused = (position: number, role: string, part: string): AiError.MalformedInput =>
  new AiError.MalformedInput({
    module: "HordeLanguageModel",
    method: "makeRequest",
    description: `message ${position} (${role}) has ${part}: the text models of the AI Horde read text only`
  })

const describePart = (part: Prompt.Part): string => {
  if (part.type === "file") {
    return `a file of type "${part.mediaType}"${part.fileName === undefined ? "" : `, "${part.fileName}"`}`
  }
  return part.type === "tool-call" || part.type === "tool-result"
    ? `a ${part.type} of the tool "${part.name}"`
    : `a part of type "${part.type}"`
}

const textOf = (message: Prompt.Message, position: number): Effect.Effect<Message, AiError.MalformedInput> => {
  const { content, role } = message
  if (role === "system") return Effect.succeed({ role, text: content })
  const texts: Array<string> = []
  for (const part of content) {
    if (part.type === "text") texts.push(part.text)
    // a model's reasoning is no part of the conversation
    else if (part.type !== "reasoning") return Effect.fail(refused(position, role, describePart(part)))
  }
  return role === "tool"
    ? Effect.fail(refused(position, role, "no text"))
    : Effect.succeed({ role, text: texts.join("") })
}

/** The messages of a prompt. Fails for a file or a tool, and for a prompt without messages. */
export const messagesOf = (prompt: Prompt.Prompt): Effect.Effect<ReadonlyArray<Message>, AiError.MalformedInput> =>
  prompt.content.length === 0
    ? Effect.fail(
        new AiError.MalformedInput({
          module: "HordeLanguageModel",
          method: "makeRequest",
          description: "the prompt has no messages"
        })
      )
    : Effect.forEach(prompt.content, (message, index) => textOf(message, index + 1))
