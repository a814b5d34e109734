/** Makes the request of a text job from a prompt and a configuration. */
import * as AiError from "@effect/ai/AiError"
import type { ProviderOptions } from "@effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import type * as Job from "effect-horde/Job"
import type * as TextGeneration from "effect-horde/TextGeneration"
import * as ChatTemplate from "../../ChatTemplate.js"
import { withJsonInstructions } from "./jsonInstructions.js"
import { messagesOf } from "./messages.js"

/** The parameters of a request. A language model answers once: the number of texts is always 1. */
type Params = Omit<TextGeneration.ModelGenerationInputKobold, "n">

/**
 * The fields of a request for texts, under the names of the API, and three options of the language model.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigService extends Omit<TextGeneration.GenerationInputKobold, "prompt" | "params"> {
  /**
   * The generation parameters. By default `max_length` is 256 tokens, the longest text that needs no kudos upfront at
   * any load of the server. The server cuts prompts that are longer than `max_context_length`, 2048 tokens by default.
   */
  readonly params?: Params | undefined
  /** How the messages of a prompt become one text: `ChatTemplate.plain` by default. */
  readonly template?: ChatTemplate.ChatTemplate | undefined
  /** The maximum time from the submit to the end of the job. By default 20 minutes. */
  readonly deadline?: Job.WaitOptions["deadline"] | undefined
  /** The maximum time without an online worker that can do the job. 60 seconds by default; `Infinity` for no limit. */
  readonly impossibleAfter?: Job.WaitOptions["impossibleAfter"] | undefined
}

/** One configuration over another. The generation parameters are merged one by one. */
export const merge = (self: ConfigService, overrides: ConfigService | undefined): ConfigService => ({
  ...self,
  ...overrides,
  params: { ...self.params, ...overrides?.params }
})

/** A request, the options of the wait for it, and the texts that end its answer. */
export interface Prepared {
  readonly request: TextGeneration.GenerationInputKobold
  readonly wait: Job.WaitOptions
  readonly stopSequences: ReadonlyArray<string>
}

type PromptOptions = Omit<ProviderOptions, "span">

const refuseTools = ({ toolChoice, tools }: PromptOptions): Effect.Effect<void, AiError.MalformedInput> =>
  tools.length === 0 || toolChoice === "none"
    ? Effect.void
    : Effect.fail(
        new AiError.MalformedInput({
          module: "HordeLanguageModel",
          method: "makeRequest",
          description: `tools (${tools.map(({ name }) => name).join(", ")}): text jobs of the AI Horde cannot call tools`
        })
      )

export const prepare = (
  options: PromptOptions,
  config: ConfigService
): Effect.Effect<Prepared, AiError.MalformedInput> =>
  Effect.gen(function* () {
    yield* refuseTools(options)
    const messages = yield* withJsonInstructions(yield* messagesOf(options.prompt), options.responseFormat)
    const { deadline, impossibleAfter, params, template = ChatTemplate.plain, ...fields } = config
    const stopSequences = [...new Set([...(params?.stop_sequence ?? []), ...template.stopSequences])]
    return {
      stopSequences,
      request: {
        ...fields,
        prompt: template.render(messages),
        params: { max_length: 256, ...params, n: 1, stop_sequence: stopSequences }
      },
      wait: {
        ...(deadline === undefined ? {} : { deadline }),
        ...(impossibleAfter === undefined ? {} : { impossibleAfter })
      }
    }
  })
