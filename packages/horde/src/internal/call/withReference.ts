import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The argument of a combinator that changes neither results, errors nor requirements. */
export type EffectOrStream = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/**
 * Runs an effect or a stream with another value of a reference. Its type stays the same, because a reference is no
 * requirement; the cast states that for effects and streams at once.
 */
export const withReference =
  <Id, A>(reference: Context.Tag<Id, A>, value: A) =>
  <Self extends EffectOrStream>(self: Self): Self => {
    // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- it changes no error and no requirement
    const changed: EffectOrStream = Effect.isEffect(self)
      ? Effect.provideService(self, reference, value)
      : Stream.provideService(self, reference, value)
    return changed as Self
  }
