/** Writes down what has happened to a job. It has happened, whether it can be written down or not. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Entry, Service as Journal } from "../../JobJournal.js"
import { type Change, changed } from "./entry.js"
import { unavailable } from "./failures.js"

export interface Noted {
  readonly entry: Entry
  /** Whether the journal has it, be it as somebody else's. */
  readonly isWritten: boolean
  /** Whether it is somebody else's: this program was taken for dead. */
  readonly isTaken: boolean
}

/** How long a journal may take. Nothing that a program does, its end above all, waits for longer. */
const patience = "2 seconds"

const tooSlow = () => unavailable("write", "the journal did not answer in time")

/** `isPatient`: waits for as long as the journal takes. */
export const note = (journal: Journal, entry: Entry, change: Change, isPatient = false): Effect.Effect<Noted> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const next = changed(entry, now, change)
    const told = { entry: next, isWritten: true, isTaken: false }
    const written = isPatient
      ? journal.write(next)
      : journal
          .write(next)
          .pipe(Effect.disconnect, Effect.interruptible, Effect.timeoutFail({ duration: patience, onTimeout: tooSlow }))
    return Effect.as(written, told).pipe(
      Effect.catchAll(({ message, reason }) =>
        // whoever has taken it over writes down how it goes on
        reason === "NotMine"
          ? Effect.succeed({ ...told, isTaken: true })
          : Effect.as(Effect.logWarning(`a job is not in the journal as it is: ${message}`), {
              ...told,
              isWritten: false
            })
      )
    )
  }).pipe(Effect.uninterruptible)
