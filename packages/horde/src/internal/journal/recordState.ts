/** Records the state of a job in the journal. A failure is only logged: it does not change the job. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"
import type { JournalFailed } from "../../HordeError.js"
import type { Entry, Service as Journal } from "../../JobJournal.js"
import { type Change, changed } from "./entry.js"
import { unavailable } from "./failures.js"

export interface Recorded {
  readonly entry: Entry
  /** Whether the journal has the entry, owned by this program or by another one. */
  readonly isWritten: boolean
  /** Whether another program has taken the entry over, because this program's lease expired. */
  readonly isTaken: boolean
}

/** A slow journal must not delay a program for longer, in particular not its shutdown. */
const defaultTimeout = "2 seconds"

const timedOut = () => unavailable("write", "timed out before the journal recorded the entry")

/** A write that completes at once, as in memory, costs no timer. A write that times out is interrupted later. */
const writeWithin = (write: Effect.Effect<void, JournalFailed>, timeout: typeof defaultTimeout) =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) => {
    const fiber = Runtime.runFork(runtime)(Effect.interruptible(write))
    const exit = fiber.unsafePoll()
    if (exit !== null) return exit
    return Effect.interruptible(Fiber.join(fiber)).pipe(
      Effect.timeoutFail({ duration: timeout, onTimeout: timedOut }),
      Effect.tapError(() => Fiber.interruptFork(fiber))
    )
  })

export const recordState = (
  journal: Journal,
  entry: Entry,
  change: Change,
  { timeout = defaultTimeout }: { readonly timeout?: typeof defaultTimeout | "none" } = {}
): Effect.Effect<Recorded> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const next = changed(entry, now, change)
    const recorded = { entry: next, isWritten: true, isTaken: false }
    const written = timeout === "none" ? journal.write(next) : writeWithin(journal.write(next), timeout)
    return Effect.matchEffect(written, {
      onSuccess: () => Effect.succeed(recorded),
      onFailure: ({ message, reason }) =>
        // the new owner records the later states
        reason === "NotMine"
          ? Effect.succeed({ ...recorded, isTaken: true })
          : Effect.as(Effect.logWarning(`the state of a job was not recorded in the journal: ${message}`), {
              ...recorded,
              isWritten: false
            })
    })
  }).pipe(Effect.uninterruptible)
