/** Pops jobs, and tracks each of them from the reply on. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type * as Endpoint from "../../Endpoint.js"
import type { CancelRule } from "../call/declaration.js"
import { isJobId } from "../call/pathSegment.js"
import type { Service as FollowUp } from "../jobs/followUpService.js"
import type { GenerationId, GenerationSubmitted } from "../jobs/models.js"
import { Ticket } from "../jobs/ticket.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { SubmitImage } from "./endpoints.js"
import type { Event, Fault, RunError } from "./events.js"
import { isFatal, type make as makePauses, type PopError } from "./pauses.js"

/** How long an interrupted worker waits for the reply of its pop, which may have jobs. */
const lastReplyWithin = "5 seconds"

/** The errors of a submit of any kind. */
export type SubmitError = Endpoint.ErrorOf<typeof SubmitImage>

/** A popped job. */
export interface PoppedJob<R> {
  readonly id: GenerationId
  /** Generates the result. Returns the call that submits it. */
  readonly generate: Effect.Effect<Effect.Effect<GenerationSubmitted, SubmitError, R>, Fault, R>
}

/** The reply to a pop. */
export interface Batch<R> {
  readonly jobs: ReadonlyArray<PoppedJob<R>>
  readonly model: string | undefined
  /** In seconds. */
  readonly ttl: number
  readonly messages: Extract<Event, { readonly _tag: "Idle" }>["messages"]
  /** How many jobs the worker did not get, by reason. */
  readonly skipped: object
}

/** The calls of one kind of workers. */
export interface WorkerCalls<R> {
  readonly rule: CancelRule
  readonly pop: Effect.Effect<Batch<R>, PopError, R>
}

/** A tracked job: if its scope closes before the job is settled, the job is returned to the server. */
export interface TrackedJob<R> extends PoppedJob<R> {
  readonly scope: Scope.CloseableScope
  /** The end of its `ttl`, in milliseconds of the monotonic clock. */
  readonly until: number
}

/** The counts that are not zero. */
const nonZero = (skipped: object): { readonly [reason: string]: number } =>
  Object.fromEntries(
    Object.entries(skipped).filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0)
  )

/** Pops once, in the scope of the jobs. If the caller is interrupted, the jobs of a late reply are tracked too. */
const popOnce = <R>({ pop, rule }: WorkerCalls<R>, followUp: FollowUp, scope: Scope.Scope) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const sentAt = yield* monotonicMillis
      const track = (batch: Batch<R>) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const until = sentAt + batch.ttl * 1000
          const jobs = batch.jobs.filter(({ id }) => isJobId(id))
          return yield* Effect.forEach(
            jobs,
            (job): Effect.Effect<TrackedJob<R>> =>
              Effect.gen(function* () {
                const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
                const ticket = Ticket.make({
                  version: 1,
                  kind: rule.job,
                  id: Redacted.make(job.id),
                  expected: 1,
                  submittedAt: DateTime.unsafeMake(now),
                  deadline: DateTime.unsafeMake(now + batch.ttl * 1000)
                })
                yield* Scope.extend(followUp.adopt(rule, ticket), own)
                return { ...job, scope: own, until }
              }),
            { concurrency: "unbounded" }
          )
        })
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(pop))
      const lastReply = Fiber.join(fiber).pipe(
        Effect.interruptible,
        Effect.timeoutOption(lastReplyWithin),
        Effect.flatMap(Option.match({ onNone: () => Fiber.interruptFork(fiber), onSome: track })),
        Effect.ignore
      )
      const batch = yield* Effect.onInterrupt(restore(Fiber.join(fiber)), () => lastReply)
      return { ...batch, jobs: yield* track(batch) }
    })
  )

/** Pops until there are jobs. Returns none if the worker is stopping. */
export const popJobs = <R>(
  calls: WorkerCalls<R>,
  followUp: FollowUp,
  pauses: ReturnType<typeof makePauses>,
  stopping: Deferred.Deferred<void>,
  emit: (event: Event) => Effect.Effect<void, never, R>,
  scope: Scope.Scope
): Effect.Effect<ReadonlyArray<TrackedJob<R>>, RunError, R> => {
  const wait = (event: Extract<Event, { readonly pause: Duration.Duration }>) =>
    Effect.zipRight(emit(event), Effect.raceFirst(Effect.sleep(event.pause), Deferred.await(stopping)))

  const onRefusal = (error: PopError) =>
    isFatal(error)
      ? Effect.fail(error)
      : Effect.flatMap(pauses.afterRefusal(error), (pause) => wait({ _tag: "Refused", error, pause }))

  return Effect.gen(function* () {
    while (!(yield* Deferred.isDone(stopping))) {
      const popped = yield* Effect.either(popOnce(calls, followUp, scope))
      if (Either.isLeft(popped)) {
        yield* onRefusal(popped.left)
        continue
      }
      const { jobs, messages, model, skipped, ttl } = popped.right
      if (jobs.length > 0) {
        yield* pauses.reset
        yield* emit({ _tag: "Popped", ids: jobs.map(({ id }) => id), model, ttl, messages })
        return jobs
      }
      yield* wait({ _tag: "Idle", skipped: nonZero(skipped), messages, pause: yield* pauses.afterIdle })
    }
    return []
  })
}
