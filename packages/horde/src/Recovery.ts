/**
 * Takes over the jobs of dead processes from the journal, and searches for the jobs of submits whose reply was lost.
 *
 * {@link recover} runs once, {@link layer} repeatedly until its scope closes.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import { durationOr } from "./internal/platform/duration.js"
import type { Recovered, RecoverOptions, UnknownSubmit } from "./internal/recovery/models.js"
import { merge, recoverOnce } from "./internal/recovery/recover.js"
import type { EntryKey, JobJournal } from "./JobJournal.js"

export type { Policy, Recovered, RecoverOptions, UnknownSubmit } from "./internal/recovery/models.js"

/** The services of every recovery, besides those of its kinds. */
type Recovers = FollowUp | JobJournal | HordeClient

/**
 * Takes over the jobs of dead processes from the journal, and searches for the jobs of submits whose reply was lost.
 * Jobs of live processes are not touched, and nothing is submitted again.
 *
 * It first waits until the journal considers a dead owner's lease expired. The policy is applied to jobs with known ids
 * then, and `onRecovered` runs for them. For an unknown submit the search takes half a minute more, because the server
 * caches the list of an account's jobs for that long; and up to two minutes more if the job is not in the list and may
 * still be accepted. The journal records the result: a submit that was `probable` or `open` is reported again without a
 * search.
 *
 * @example
 * ```ts
 * import * as Recovery from "effect-horde/Recovery"
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Effect from "effect/Effect"
 *
 * // the pictures of an earlier run that was killed while it waited
 * export const leftBehind = Effect.scoped(
 *   Effect.gen(function* () {
 *     const { resumed } = yield* Recovery.recover({ kinds: [ImageGeneration.kind], policy: "resume" })
 *     const jobs = yield* Effect.forEach(resumed, (ticket) => ImageGeneration.resume(ticket))
 *     return yield* Effect.forEach(jobs, (job) => job.result, { concurrency: "unbounded" })
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category recovery
 */
export const recover = <R = never, const Ks extends ReadonlyArray<unknown> = readonly []>(
  options: RecoverOptions<R, Ks>
): Effect.Effect<Recovered, HordeError.JournalFailed, Recovers | R | Ks[number] | Scope.Scope> =>
  // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- the requirements are those of the kinds
  Effect.gen(function* () {
    const report = (recovered: Recovered) => notify(recovered, options.onRecovered)
    const { recovered, search } = yield* recoverOnce(options, new Set(), report)
    return Option.isNone(search) ? recovered : merge(recovered, yield* search.value)
  })

/** Logs every failure except an interruption, and then succeeds. */
const logged = <A, E, R>(message: string, effect: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.catchAllCause(Effect.asVoid(effect), (cause) =>
    Cause.isInterruptedOnly(cause) ? Effect.interrupt : Effect.logWarning(`${message}: ${Cause.pretty(cause)}`)
  )

/** Runs `onRecovered` concurrently with the recovery, if anything was recovered. It has started when this returns. */
const notify = <R>(
  recovered: Recovered,
  onRecovered: RecoverOptions<R>["onRecovered"]
): Effect.Effect<void, never, R | Scope.Scope> => {
  const { cancelled, failed, left, resumed, unknown } = recovered
  const hasResults = [resumed, cancelled, left, failed, unknown].some((part) => part.length > 0)
  if (!hasResults || onRecovered === undefined) return Effect.void
  return Effect.gen(function* () {
    const started = yield* Effect.makeLatch()
    const callback = Effect.zipRight(
      started.open,
      Effect.suspend(() => onRecovered(recovered))
    )
    const fiber = yield* Effect.forkScoped(Effect.interruptible(logged("onRecovered failed", callback)))
    // the scope may close next, and would interrupt a fiber that has not started
    yield* Effect.raceFirst(started.await, Fiber.await(fiber))
  })
}

/** Recovers repeatedly; a search runs concurrently, because it may take minutes. */
const recoverForever = <R, K>(options: RecoverOptions<R, ReadonlyArray<K>>, pause: Duration.Duration) =>
  Effect.suspend(() => {
    const done = new Set<EntryKey>()
    const reported = new Map<EntryKey, UnknownSubmit["outcome"]>()
    let isSearching = false

    const notifyOnce = (found: Recovered) => {
      const news = { ...found, unknown: found.unknown.filter(({ key, outcome }) => reported.get(key) !== outcome) }
      for (const { key, outcome } of news.unknown) reported.set(key, outcome)
      return notify(news, options.onRecovered)
    }

    const once = Effect.gen(function* () {
      const { open, search } = yield* recoverOnce(options, done, notifyOnce)
      // forget entries that were closed meanwhile
      for (const key of done) if (!open.has(key)) done.delete(key)
      for (const key of reported.keys()) if (!open.has(key)) reported.delete(key)
      if (Option.isNone(search) || isSearching) return
      isSearching = true
      const searched = Effect.ensuring(
        search.value,
        Effect.sync(() => {
          isSearching = false
        })
      )
      yield* Effect.forkScoped(Effect.interruptible(logged("the search for unknown submits failed", searched)))
    })

    return Effect.forever(Effect.zipRight(logged("recovery failed", once), Effect.sleep(pause)))
  })

/** The lower limit of `every`: without a pause the recovery would read the journal in a busy loop. */
const shortestPause = Duration.seconds(1)

/**
 * Recovers when the layer starts, and then repeatedly until its scope closes, so that a process takes over the jobs of
 * another one on the same journal. `onRecovered` runs after each recovery that did something; with the policy `resume`
 * the layer owns the jobs, and `onRecovered` opens them. The layer reports each outcome of an unknown submit once; the
 * next program reports it again if this one ended before the journal had recorded the report.
 *
 * A failed recovery is logged, and retried after the pause.
 *
 * @since 0.1.0
 * @category recovery
 */
export const layer = <R = never, const Ks extends ReadonlyArray<unknown> = readonly []>(
  options: RecoverOptions<R, Ks> & {
    /** The pause between two recoveries, at least a second. 10 seconds by default. */
    readonly every?: Duration.DurationInput
  }
): Layer.Layer<never, never, Recovers | Ks[number] | Exclude<R, Scope.Scope>> =>
  Layer.scopedDiscard(
    Effect.suspend(() => {
      const pause = Duration.max(durationOr(options.every, Duration.seconds(10)), shortestPause)
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- the requirements are those of the kinds
      return Effect.forkScoped(Effect.interruptible(recoverForever(options, pause)))
    })
  )
