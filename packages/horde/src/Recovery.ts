/**
 * Takes over the jobs that dead programs left in the journal, and searches for jobs whose submit was never answered.
 *
 * {@link recover} does it once, {@link layer} again and again as long as it lives.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import { durationOr } from "./internal/platform/duration.js"
import type { LostAnswer, Recovered, RecoverOptions } from "./internal/recovery/models.js"
import { both, recoverOnce } from "./internal/recovery/recover.js"
import type { EntryKey, JobJournal } from "./JobJournal.js"

export type { LostAnswer, Policy, Recovered, RecoverOptions } from "./internal/recovery/models.js"

/** What every recovery needs, besides the endpoints of its kinds. */
type Recovers = FollowUp | JobJournal | HordeClient

/**
 * Takes up what programs that died have left in the journal, and looks for jobs whose submit was never answered. Jobs of
 * programs that are alive are not touched, and nothing is ever submitted again.
 *
 * It takes as long as the journal needs to be sure that an owner is dead. Jobs whose ids are known are taken up then, and
 * `onRecovered` is told of them. Where an answer was lost, the search takes half a minute more, since the server's list of
 * an account's jobs may be that old; and up to two minutes more where the job is not in it and may still come. The journal
 * keeps what a search came to: an answer that was reported as `probable` or `open` is reported again without a search.
 *
 * @example
 * ```ts
 * import * as Recovery from "effect-horde/Recovery"
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Effect from "effect/Effect"
 *
 * // the pictures that an earlier run was waiting for when it was killed
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
export const recover: {
  <R = never, K = never>(
    options: RecoverOptions<R, K>
  ): Effect.Effect<Recovered, HordeError.JournalFailed, Recovers | R | K | Scope.Scope>
  <K>(options: RecoverOptions<never, K>): Effect.Effect<Recovered, HordeError.JournalFailed, Recovers | K | Scope.Scope>
} = <R, K>(options: RecoverOptions<R, K>) =>
  Effect.gen(function* () {
    const { recovered, search } = yield* recoverOnce(options, new Set())
    yield* announce(recovered, options.onRecovered)
    if (Option.isNone(search)) return recovered
    const found = yield* search.value
    yield* announce(found, options.onRecovered)
    return both(recovered, found)
  })

/** Whatever goes wrong, short of an interruption, is logged, and ends nothing else. */
const logged = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.catchAllCause(Effect.asVoid(effect), (cause) =>
    Cause.isInterruptedOnly(cause) ? Effect.interrupt : Effect.logWarning(`${what}: ${Cause.pretty(cause)}`)
  )

/** Runs `onRecovered` beside the recovery, if there is anything to tell. */
const announce = <R>(
  recovered: Recovered,
  onRecovered: RecoverOptions<R>["onRecovered"]
): Effect.Effect<void, never, R | Scope.Scope> => {
  const { cancelled, failed, left, lost, resumed } = recovered
  const isNews = [resumed, cancelled, left, failed, lost].some((part) => part.length > 0)
  if (!isNews || onRecovered === undefined) return Effect.void
  const told = Effect.suspend(() => onRecovered(recovered))
  return Effect.asVoid(Effect.forkScoped(Effect.interruptible(logged("onRecovered failed", told))))
}

/** Recovers again and again; a search goes on beside it, since it may take minutes. */
const recoverForever = <R, K>(options: RecoverOptions<R, K>, pause: Duration.Duration) =>
  Effect.suspend(() => {
    const done = new Set<EntryKey>()
    const reported = new Map<EntryKey, LostAnswer["outcome"]>()
    let isSearching = false

    const tell = (found: Recovered) => {
      const news = { ...found, lost: found.lost.filter(({ key, outcome }) => reported.get(key) !== outcome) }
      for (const { key, outcome } of news.lost) reported.set(key, outcome)
      return announce(news, options.onRecovered)
    }

    const once = Effect.gen(function* () {
      const { open, recovered, search } = yield* recoverOnce(options, done)
      // what has been closed since need not be remembered
      for (const key of done) if (!open.has(key)) done.delete(key)
      for (const key of reported.keys()) if (!open.has(key)) reported.delete(key)
      yield* tell(recovered)
      if (Option.isNone(search) || isSearching) return
      isSearching = true
      const searched = Effect.flatMap(search.value, tell).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            isSearching = false
          })
        )
      )
      yield* Effect.forkScoped(Effect.interruptible(logged("the search for lost answers failed", searched)))
    })

    return Effect.forever(Effect.zipRight(logged("recovery failed", once), Effect.sleep(pause)))
  })

/** Without a pause a recovery would do nothing but ask the journal. */
const shortestPause = Duration.seconds(1)

/**
 * Recovers when the layer starts, and again and again as long as it lives, so that a program takes up what another one
 * on the same journal leaves behind. `onRecovered` is told what was done, where something was; with the policy `resume`
 * the jobs belong to the layer, and it is the place to open them. A lost answer is told once.
 *
 * A recovery that fails is logged, and tried again the next time.
 *
 * @since 0.1.0
 * @category recovery
 */
export const layer = <R = never, K = never>(
  options: RecoverOptions<R, K> & {
    /** The pause between two recoveries, at least a second. 10 seconds by default. */
    readonly every?: Duration.DurationInput
  }
): Layer.Layer<never, never, Recovers | K | Exclude<R, Scope.Scope>> =>
  Layer.scopedDiscard(
    Effect.suspend(() => {
      const pause = Duration.max(durationOr(options.every, Duration.seconds(10)), shortestPause)
      return Effect.forkScoped(Effect.interruptible(recoverForever(options, pause)))
    })
  )
