/** The pauses between pops, and the refusals that end a worker. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Endpoint from "../../Endpoint.js"
import { durationOr } from "../platform/duration.js"
import type { PopImage } from "./endpoints.js"
import type { RunError, RunOptions } from "./events.js"

/** The errors of a pop of any kind. */
export type PopError = Endpoint.ErrorOf<typeof PopImage>

/** The states of workers that their owners or moderators end. */
const maintenance: ReadonlySet<string | undefined> = new Set(["WorkerMaintenance", "WorkerFlaggedMaintenance"])

/** Whether a later pop may succeed without any change of the program. */
const isPassing = (error: PopError): boolean =>
  error.isRetryable || error._tag === "OutcomeUnknown" || (error._tag === "Forbidden" && maintenance.has(error.rc))

export const isFatal = (error: PopError): error is Extract<PopError, RunError> => !isPassing(error)

/** The first pause, in milliseconds. Each pause without a job in between is half as long again. */
const initialPause = 1000
/** The longest pause after refusals without a given time, in milliseconds. */
const maxRefusedPause = 60_000

/** The pauses of one worker. Jitter of up to a fifth separates workers that started together. */
export const make = (options: Pick<RunOptions, "maxPause">) => {
  const maxIdlePause = Duration.toMillis(durationOr(options.maxPause, Duration.seconds(10)))
  let popsWithoutJob = 0

  const next = (longest: number, atLeast = 0): Effect.Effect<Duration.Duration> =>
    Effect.map(Random.next, (random) => {
      const grown = Math.min(initialPause * 1.5 ** popsWithoutJob++, longest)
      return Duration.millis(Math.max(atLeast, Math.round(grown * (1 + 0.2 * random))))
    })

  return {
    afterIdle: next(maxIdlePause),
    afterRefusal: ({ retryAfter }: PopError) =>
      next(maxRefusedPause, retryAfter === undefined ? 0 : Duration.toMillis(retryAfter)),
    reset: Effect.sync(() => {
      popsWithoutJob = 0
    })
  }
}
