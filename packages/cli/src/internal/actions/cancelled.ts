/** Tells the user what happens to a job when the command is interrupted. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { FollowUp } from "effect-horde/FollowUp"
import { Screen } from "../output/screen.js"

/** Runs a program with a job. If it is interrupted, the job is cancelled, and the user is told. */
export const cancelledOnInterrupt = <A, E, R>(
  program: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, Scope.Scope> | Screen | FollowUp> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { unfinished } = yield* FollowUp
    return yield* program.pipe(
      Effect.onInterrupt(() =>
        Effect.zipRight(screen.clearStatus, screen.note("interrupted: the job is being cancelled"))
      ),
      Effect.scoped,
      Effect.onInterrupt(() =>
        Effect.flatMap(unfinished, (jobs) =>
          screen.note(
            jobs.length === 0 ? "cancelled" : "the horde did not confirm the cancel: `horde jobs cancel` tries it again"
          )
        )
      )
    )
  })
