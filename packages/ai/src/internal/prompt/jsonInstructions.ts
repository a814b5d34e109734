/** Asks a text model for a JSON object: the request has no field for a format. */
import * as AiError from "@effect/ai/AiError"
import type { ProviderOptions } from "@effect/ai/LanguageModel"
import * as Tool from "@effect/ai/Tool"
import * as Effect from "effect/Effect"
import type { Message } from "../../ChatTemplate.js"

type JsonFormat = Extract<ProviderOptions["responseFormat"], { readonly type: "json" }>

const instructionsFor = ({ objectName, schema }: JsonFormat): Effect.Effect<string, AiError.MalformedInput> =>
  Effect.try({
    try: () =>
      `Reply with one JSON object, "${objectName}", and with nothing else. It must match this JSON schema:\n` +
      JSON.stringify(Tool.getJsonSchemaFromSchemaAst(schema.ast)),
    catch: (cause) =>
      new AiError.MalformedInput({
        module: "HordeLanguageModel",
        method: "makeRequest",
        description: `the schema of "${objectName}" has no JSON schema`,
        cause
      })
  })

/** Adds the instructions to the last message of the user. */
export const withJsonInstructions = (
  messages: ReadonlyArray<Message>,
  format: ProviderOptions["responseFormat"]
): Effect.Effect<ReadonlyArray<Message>, AiError.MalformedInput> =>
  format.type === "text"
    ? Effect.succeed(messages)
    : Effect.map(instructionsFor(format), (instructions) => {
        const last = messages.map(({ role }) => role).lastIndexOf("user")
        return last === -1
          ? [...messages, { role: "user", text: instructions }]
          : messages.map((message, index) =>
              index === last ? { ...message, text: `${message.text}\n\n${instructions}` } : message
            )
      })
