/** Runs one popped job: generates its result and submits it, or returns the job to the server. */

import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Service as FollowUp } from "../jobs/followUpService.js"
import type { GenerationSubmitted } from "../jobs/models.js"
import type { Kind } from "../jobs/ticket.js"
import { monotonicMillis } from "../platform/monotonic.js"
import { type Event, Fault } from "./events.js"
import { countDone, countFailed } from "./metrics.js"
import type { SubmitError, TrackedJob } from "./popJobs.js"

/** The pause before a result is submitted again after the retries of the call itself, in milliseconds. */
const betweenSubmits = 5000

const timedOut = () => new Fault({ reason: "TimedOut", message: "the result was not generated within the job's ttl" })

/** The milliseconds until a time of the monotonic clock. */
const left = (until: number): Effect.Effect<number> => Effect.map(monotonicMillis, (now) => Math.max(0, until - now))

/**
 * Submits a result until the server replies, or until the `ttl` has passed. The server takes one result for each job:
 * if it has one, an earlier attempt had arrived, and the reward is unknown.
 */
const submitUntil = <R>(
  submit: Effect.Effect<GenerationSubmitted, SubmitError, R>,
  until: number
): Effect.Effect<number | undefined, Fault, R> =>
  Effect.catchAll(
    Effect.map(submit, ({ reward }) => (Number.isFinite(reward) ? reward : undefined)),
    (error) =>
      Effect.gen(function* () {
        if (error.rc === "DuplicateGen") return undefined
        if (error.rc === "AbortedGen" || error.rc === "InvalidJobID") {
          return yield* new Fault({ reason: "Aborted", message: error.message })
        }
        if (!error.isRetryable || (yield* left(until)) <= betweenSubmits) {
          return yield* new Fault({ reason: "Refused", message: `${error._tag}: ${error.message}` })
        }
        return yield* Effect.delay(submitUntil(submit, until), betweenSubmits)
      })
  )

/** The fault of a job that ended with this cause. A defect of the generator fails only its job. */
const faultOf = (cause: Cause.Cause<Fault>): Fault =>
  Option.getOrElse(Cause.failureOption(cause), () => new Fault({ reason: "Failed", message: "the job died", cause }))

/** Runs a job to its end. Never fails. An interruption returns the job to the server. */
export const runJob = <R>(
  job: TrackedJob<R>,
  kind: Kind,
  followUp: FollowUp,
  emit: (event: Event) => Effect.Effect<void, never, R>
): Effect.Effect<void, never, R> => {
  const { generate, id, scope, until } = job
  const delivered = Effect.gen(function* () {
    const submit = yield* Effect.timeoutFail(generate, { duration: yield* left(until), onTimeout: timedOut })
    const reward = yield* submitUntil(submit, until)
    yield* followUp.detach(kind, id)
    return reward
  })
  return Effect.gen(function* () {
    const exit = yield* Effect.exit(delivered)
    if (Exit.isSuccess(exit)) {
      yield* countDone(kind, exit.value)
      yield* emit({ _tag: "Submitted", id, ...(exit.value === undefined ? {} : { kudos: exit.value }) })
      return
    }
    const { cause, message, reason } = faultOf(exit.cause)
    if (reason === "Aborted") yield* followUp.settle(kind, id, "cancelled")
    yield* Scope.close(scope, exit)
    yield* countFailed(kind)
    yield* emit({ _tag: "Faulted", id, reason, message, ...(cause === undefined ? {} : { cause }) })
  }).pipe(Effect.onExit((exit) => Scope.close(scope, exit)))
}
