import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The type of what a combinator accepts that changes neither results, errors nor requirements. */
export type EffectOrStream = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/**
 * Runs an effect or a stream with another value of a reference. A reference has a default, so that its type stays as it
 * is, which only a cast can say of both.
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
