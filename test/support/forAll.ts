/** Properties whose checks are effects over services that are built once. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Runtime from "effect/Runtime"

/** Lets messages pass between this process and the runner, which would time out while many runs never wait. */
const eventLoop = Effect.promise<void>(() => new Promise((resolve) => setImmediate(resolve)))

export const forAll = <A, R>(
  values: FastCheck.Arbitrary<A>,
  check: (value: A) => Effect.Effect<void, unknown, R>,
  numRuns = 100
): Effect.Effect<void, never, R> =>
  Effect.flatMap(Effect.runtime<R>(), (runtime) =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(values, (value) =>
          Runtime.runPromise(runtime)(Effect.zipRight(eventLoop, check(value)))
        ),
        { numRuns }
      )
    )
  )
