/**
 * A language model for @effect/ai that runs on the AI Horde, for effect-horde.
 *
 * @since 0.1.0
 */

/**
 * Chat templates.
 *
 * @since 0.1.0
 */
export * as ChatTemplate from "./ChatTemplate.js"

/**
 * A `LanguageModel` of `@effect/ai` that runs on the AI Horde.
 *
 * @since 0.1.0
 */
export * as HordeLanguageModel from "./HordeLanguageModel.js"
