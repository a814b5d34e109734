/**
 * A `LanguageModel` of `@effect/ai` that runs on the AI Horde.
 *
 * {@link model} is used like the models of other providers. Each call is one text job; it is cancelled if the program
 * ends before it.
 *
 * @example
 * ```ts
 * import * as LanguageModel from "@effect/ai/LanguageModel"
 * import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
 * import * as Effect from "effect/Effect"
 *
 * export const haiku = LanguageModel.generateText({ prompt: "Write a haiku about the sea" }).pipe(
 *   Effect.map(({ text }) => text),
 *   Effect.provide(HordeLanguageModel.model())
 * )
 * ```
 *
 * @since 0.1.0
 */
import type * as AiError from "@effect/ai/AiError"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as AiModel from "@effect/ai/Model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as JobWatcher from "effect-horde/JobWatcher"
import * as TextGeneration from "effect-horde/TextGeneration"
import { objectIn } from "./internal/answer/json.js"
import { type Answer, answerOf, partsOf, streamPartsOf } from "./internal/answer/parts.js"
import { aiErrorOf } from "./internal/errors/aiErrors.js"
import { type ConfigService, merge, prepare } from "./internal/prompt/request.js"
import { annotateAnswer, annotateRequest } from "./internal/telemetry/annotations.js"

export { hordeError } from "./internal/errors/aiErrors.js"

declare module "@effect/ai/Response" {
  /**
   * Details of an answer in `metadata.horde` of its `finish` part.
   *
   * @since 0.1.0
   * @category models
   */
  export interface FinishPartMetadata extends ProviderMetadata {
    readonly horde?:
      | {
          readonly seed: number
          /** `ok`, or why the text was censored. */
          readonly state: TextGeneration.GenerationState
          readonly workerId: string | undefined
          readonly workerName: string | undefined
        }
      | undefined
  }
}

/**
 * The configuration of single calls, which {@link withConfigOverride} provides.
 *
 * @since 0.1.0
 * @category context
 */
export class Config extends Context.Tag("@effect-horde/ai/HordeLanguageModel/Config")<Config, Config.Service>() {
  /** @since 0.1.0 */
  static readonly getOrUndefined: Effect.Effect<Config.Service | undefined> = Effect.map(
    Effect.context<never>(),
    (context) => context.unsafeMap.get(Config.key)
  )
}

/**
 * @since 0.1.0
 * @category context
 */
export declare namespace Config {
  /**
   * The fields of a request for texts, under the names of the API, and three options of the language model.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service extends ConfigService {}
}

/**
 * The services that a language model needs. Every layer of `Horde` has them.
 *
 * @since 0.1.0
 * @category models
 */
export type Services = TextGeneration.Submit | TextGeneration.Status | JobWatcher.JobWatcher

/**
 * The options of {@link make} and {@link layer}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The names of the models that may answer; any model by default. */
  readonly model?: string | ReadonlyArray<string> | undefined
  readonly config?: Omit<Config.Service, "models"> | undefined
}

/**
 * The services for text jobs, and no other: the context of a layer has its span as well. `TextGeneration.generate` uses
 * the reply of `Cancel`, if there is one.
 */
const textServices: Effect.Effect<Context.Context<Services>, never, Services> = Effect.gen(function* () {
  const services = Context.pick(
    TextGeneration.Submit,
    TextGeneration.Status,
    JobWatcher.JobWatcher
  )(yield* Effect.context<Services>())
  return Option.match(yield* Effect.serviceOption(TextGeneration.Cancel), {
    onNone: () => services,
    onSome: (cancel) => Context.add(services, TextGeneration.Cancel, cancel)
  })
})

/**
 * A language model that runs on the horde.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<LanguageModel.Service, never, Services> =>
  Effect.gen(function* () {
    const services = yield* textServices
    const models = typeof options.model === "string" ? [options.model] : options.model
    const configured: Config.Service = { ...options.config, ...(models === undefined ? {} : { models }) }

    const answer = (
      method: "generateText" | "streamText",
      { span, ...providerOptions }: LanguageModel.ProviderOptions
    ): Effect.Effect<Answer, AiError.AiError> =>
      Effect.gen(function* () {
        const config = merge(configured, yield* Config.getOrUndefined)
        const { request, stopSequences, wait } = yield* prepare(providerOptions, config)
        annotateRequest(span, request)
        const texts = yield* TextGeneration.generate(request, wait).pipe(
          Effect.provide(services),
          Effect.mapError(aiErrorOf(method))
        )
        const found = yield* answerOf(texts, stopSequences)
        annotateAnswer(span, found)
        return providerOptions.responseFormat.type === "json" ? { ...found, text: objectIn(found.text) } : found
      })

    return yield* LanguageModel.make({
      generateText: (providerOptions) => Effect.flatMap(answer("generateText", providerOptions), partsOf),
      streamText: (providerOptions) =>
        Stream.unwrap(
          answer("streamText", providerOptions).pipe(
            Effect.flatMap(streamPartsOf),
            Effect.map((parts) => Stream.fromIterable(parts))
          )
        )
    })
  })

/**
 * The layer of a language model that runs on the horde.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<LanguageModel.LanguageModel, never, Services> =>
  Layer.effect(LanguageModel.LanguageModel, make(options))

/**
 * A model of the horde, as an AI model of `@effect/ai`: a layer, and an effect that returns it with its requirements.
 * Without a name, any model answers. `Status.models` lists the models that are online, of `type` `text`.
 *
 * @since 0.1.0
 * @category ai models
 */
export const model = (
  model?: Options["model"],
  config?: Options["config"]
): AiModel.Model<"horde", LanguageModel.LanguageModel, Services> => AiModel.make("horde", layer({ model, config }))

/**
 * Changes the configuration of the calls inside an effect. The generation parameters are merged one by one.
 *
 * @example
 * ```ts
 * import * as LanguageModel from "@effect/ai/LanguageModel"
 * import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
 *
 * export const surprise = LanguageModel.generateText({ prompt: "Invent a fruit" }).pipe(
 *   HordeLanguageModel.withConfigOverride({ params: { temperature: 1.2 } })
 * )
 * ```
 *
 * @since 0.1.0
 * @category configuration
 */
export const withConfigOverride: {
  (overrides: Config.Service): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Config.Service): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Config.Service) =>
  Effect.flatMap(Config.getOrUndefined, (config) => Effect.provideService(self, Config, merge(config ?? {}, overrides)))
)
