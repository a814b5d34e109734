/** Shows the progress of a job in the status line. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { AlchemyCheck } from "effect-horde/Alchemy"
import type { RequestStatusCheck } from "effect-horde/Job"
import * as ProgressLine from "effect-horde/ProgressLine"
import { Screen } from "./screen.js"

/** The state of a job without numbers that change all the time, for output that is not a terminal. */
const phaseOf = (check: RequestStatusCheck | AlchemyCheck, verb: string): string => {
  if ("forms" in check) return check.state === "waiting" ? "waiting in the queue" : verb
  const { finished, processing, waiting } = check
  if (finished === 0 && processing === 0) return "waiting in the queue"
  return `${verb}, ${finished} of ${finished + processing + waiting} finished`
}

/** Shows the state of a job that was submitted at `started` (milliseconds since the epoch). */
export const show = (
  check: RequestStatusCheck | AlchemyCheck,
  started: number,
  verb: string
): Effect.Effect<void, never, Screen> =>
  Effect.gen(function* () {
    const { status } = yield* Screen
    const elapsed = (yield* Clock.currentTimeMillis) - started
    yield* status((width) => ProgressLine.make(check, { width, elapsed, verb }), phaseOf(check, verb))
  })

/** Shows on a terminal what the command is doing before there is a job. */
export const doing = (text: string): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ status }) => status((width) => text.slice(0, width)))
