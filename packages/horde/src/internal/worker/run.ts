/** The loop of a worker of any kind. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { FollowUp } from "../jobs/followUpService.js"
import type { RunError, RunOptions } from "./events.js"
import * as Pauses from "./pauses.js"
import { popJobs, type WorkerCalls } from "./popJobs.js"
import { runJob } from "./runJob.js"

/**
 * Runs a worker until `stop` succeeds or a pop is refused for good. Each thread pops jobs, runs them, and pops again.
 * One thread pops at a time, so that an idle worker sends no more pops than one with a single thread.
 */
export const run = <R>(
  calls: WorkerCalls<R>,
  threads: number,
  options: RunOptions<R>
): Effect.Effect<void, RunError, R | FollowUp> =>
  Effect.gen(function* () {
    const followUp = yield* FollowUp
    const stopping = yield* Deferred.make<void>()
    const popping = yield* Effect.makeSemaphore(1)
    const pauses = Pauses.make(options)
    const emit = options.onEvent ?? (() => Effect.void)

    /** Pops jobs and runs them. Returns whether there were any. */
    const work = Effect.acquireUseRelease(
      Scope.make(ExecutionStrategy.parallel),
      (scope) =>
        Effect.gen(function* () {
          const jobs = yield* popping.withPermits(1)(popJobs(calls, followUp, pauses, stopping, emit, scope))
          yield* Effect.forEach(jobs, (job) => runJob(job, calls.rule.job, followUp, emit), {
            concurrency: "unbounded",
            discard: true
          })
          return jobs.length > 0
        }),
      Scope.close
    )

    /** A thread. If it fails, the others finish their jobs. */
    const thread = Effect.repeat(work, { while: (hadJobs) => hadJobs }).pipe(
      Effect.onError(() => Deferred.succeed(stopping, undefined)),
      Effect.exit
    )
    const all = Effect.forEach(Array.from({ length: threads }), () => thread, { concurrency: "unbounded" })
    const stop = Effect.zipRight(options.stop ?? Effect.never, Deferred.succeed(stopping, undefined))
    const exits = yield* Effect.raceFirst(all, Effect.zipRight(stop, Effect.never))
    yield* Option.getOrElse(Exit.all(exits, { parallel: true }), () => Exit.void)
  }).pipe(Effect.asVoid)
