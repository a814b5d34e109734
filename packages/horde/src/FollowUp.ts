/**
 * Remembers the jobs that were started and are not over, and closes what is left.
 *
 * A job is registered before its id can be lost. It is settled by a reply that says it is over, by a cancel that
 * succeeded, by the server not knowing it any more, or by handing it over ({@link Service.detach}); by nothing else.
 * Whatever is not settled when its scope closes is cancelled, on success, failure, interruption and defect alike.
 *
 * What a program that died could not close stands in its journal (`JobJournal`), and {@link recover} takes it up.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import type { Check, Submitted } from "./ImageGenerationEndpoints.js"
import { durationOr } from "./internal/durationOr.js"
import { FollowUp, type Service } from "./internal/followUpService.js"
import { both, recoverOnce } from "./internal/recovery.js"
import * as tracking from "./internal/tracking.js"
import type { EntryKey, JobJournal } from "./JobJournal.js"
import type { Ticket } from "./Ticket.js"
import type { Find } from "./Users.js"

export {
  type Ending,
  /**
   * @since 0.1.0
   * @category tags
   */
  FollowUp,
  type Service,
  type Unfinished
} from "./internal/followUpService.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long a cancel may take, repeats included, from 0 on. A second less than `drainWithin` by default. */
  readonly cancelWithin?: Duration.DurationInput
  /**
   * How long the end of a program may take: from the moment in which nobody wants its jobs any more, until the closing
   * layer gives up on submits whose answers are under way, and on cancels; from 0 on. 5 seconds by default.
   */
  readonly drainWithin?: Duration.DurationInput
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, HordeClient | JobJournal | Scope.Scope> =>
  tracking.make(options)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<FollowUp, never, HordeClient | JobJournal> =>
  Layer.scoped(FollowUp, make(options))

/**
 * What is done about the jobs of dead owners.
 *
 * - `resume`: they go on, and belong to the scope in which they were recovered. Open them with their tickets.
 * - `cancel`: they are cancelled; what had finished is left where it is.
 * - `leave`: they go on, and nothing is done about them.
 *
 * @since 0.1.0
 * @category recovery
 */
export type Policy = "resume" | "cancel" | "leave"

/**
 * @since 0.1.0
 * @category recovery
 */
export interface RecoverOptions<out R = never> {
  readonly policy: Policy
  /**
   * Other keys under which jobs were started, besides the connection's own: a journal keeps no keys, so they have to be
   * shown again for lost answers to be looked for under them.
   */
  readonly apiKeys?: ReadonlyArray<Redacted.Redacted>
  /**
   * Whether nobody else uses these keys. Then a job of the right size that no journal knows is taken for a lost one even
   * where the server cannot tell what was asked for. `false` by default.
   */
  readonly keysAreOurs?: boolean
  /**
   * Runs as soon as something was recovered: first for the jobs whose ids are known, which are taken up at once, later
   * for those that a search for lost answers has found. It runs beside the recovery, in its scope, and what goes wrong in
   * it is logged. With the policy `resume` it is the place to open the jobs.
   */
  readonly onRecovered?: (recovered: Recovered) => Effect.Effect<void, never, R>
}

/**
 * A submit whose answer never came, and what was found out about it.
 *
 * - `found`: the account has this very request as a job; it was treated by the policy.
 * - `absent`: it has not, two and a half minutes after it was sent: the job was never started.
 * - `probable`: there are jobs that it may be, and this cannot be told for sure; nothing was done.
 * - `open`: nothing could be found out, for the `reason` that is given; the job may be running.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface LostAnswer {
  readonly key: EntryKey
  readonly outcome: "found" | "absent" | "probable" | "open"
  /** In words, such as `the anonymous account does not list its jobs`. */
  readonly reason: string
  /** The jobs that it is, or may be. */
  readonly candidates: ReadonlyArray<Ticket>
}

/**
 * What {@link recover} did. A job stands in one of the first four.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface Recovered {
  /** Jobs that are this program's now, finished ones included: `ImageGeneration.resume` opens them. */
  readonly resumed: ReadonlyArray<Ticket>
  readonly cancelled: ReadonlyArray<Ticket>
  readonly left: ReadonlyArray<Ticket>
  /** Jobs whose cancel failed. They stay in the journal, and are tried again. */
  readonly failed: ReadonlyArray<Ticket>
  /** Submits whose answers never came, of dead owners and of this program. */
  readonly lost: ReadonlyArray<LostAnswer>
  /** Records of a later version of this library, which were left alone. */
  readonly newer: number
  /** Records that could not be read: torn by a crash in the middle of a write, or damaged. */
  readonly unreadable: number
}

/** What a recovery asks and tells: the journal, the account, and the jobs. */
type Recovers = FollowUp | JobJournal | HordeClient | Find | Submitted | Check

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
 * import * as FollowUp from "effect-horde/FollowUp"
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Effect from "effect/Effect"
 *
 * // the pictures that an earlier run was waiting for when it was killed
 * export const leftBehind = Effect.scoped(
 *   Effect.gen(function* () {
 *     const { resumed } = yield* FollowUp.recover({ policy: "resume" })
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
  <R = never>(
    options: RecoverOptions<R>
  ): Effect.Effect<Recovered, HordeError.JournalFailed, Recovers | R | Scope.Scope>
  (options: RecoverOptions): Effect.Effect<Recovered, HordeError.JournalFailed, Recovers | Scope.Scope>
} = <R>(options: RecoverOptions<R>) =>
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
const recoverForever = <R>(options: RecoverOptions<R>, pause: Duration.Duration) =>
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
      const { recovered, search } = yield* recoverOnce(options, done)
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
export const layerRecover = <R = never>(
  options: RecoverOptions<R> & {
    /** The pause between two recoveries, at least a second. 10 seconds by default. */
    readonly every?: Duration.DurationInput
  }
): Layer.Layer<never, never, Recovers | Exclude<R, Scope.Scope>> =>
  Layer.scopedDiscard(
    Effect.suspend(() => {
      const pause = Duration.max(durationOr(options.every, Duration.seconds(10)), shortestPause)
      return Effect.forkScoped(Effect.interruptible(recoverForever(options, pause)))
    })
  )
