/** Records in the journal how a job stands. A failure is logged: the job stands as it does, recorded or not. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Entry, Service as Journal } from "../../JobJournal.js"
import { type Change, changed } from "./entry.js"
import { unavailable } from "./failures.js"

export interface Recorded {
  readonly entry: Entry
  /** Whether the journal has the entry, of this program or of another owner. */
  readonly isWritten: boolean
  /** Whether another program has taken the entry over, because this program's lease expired. */
  readonly isTaken: boolean
}

/** A program, its end above all, does not wait longer for its journal. */
const usualTimeout = "2 seconds"

const tooSlow = () => unavailable("write", "the journal did not answer in time")

export const recordState = (
  journal: Journal,
  entry: Entry,
  change: Change,
  { timeout = usualTimeout }: { readonly timeout?: typeof usualTimeout | "none" } = {}
): Effect.Effect<Recorded> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const next = changed(entry, now, change)
    const recorded = { entry: next, isWritten: true, isTaken: false }
    const written =
      timeout === "none"
        ? journal.write(next)
        : journal
            .write(next)
            .pipe(
              Effect.disconnect,
              Effect.interruptible,
              Effect.timeoutFail({ duration: timeout, onTimeout: tooSlow })
            )
    return Effect.as(written, recorded).pipe(
      Effect.catchAll(({ message, reason }) =>
        // the new owner records the later states
        reason === "NotMine"
          ? Effect.succeed({ ...recorded, isTaken: true })
          : Effect.as(Effect.logWarning(`a job is not in the journal as it is: ${message}`), {
              ...recorded,
              isWritten: false
            })
      )
    )
  }).pipe(Effect.uninterruptible)
