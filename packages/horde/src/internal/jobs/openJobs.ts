/** The open jobs of one layer: their ends, and the states that the journal records. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import type * as HordeClient from "../../HordeClient.js"
import type { CallError } from "../../HordeError.js"
import { type Entry, type EntryKey, type Service as Journal, rememberedFor, type State } from "../../JobJournal.js"
import type * as JobQuota from "../../JobQuota.js"
import type { Deadline } from "../call/deadlines.js"
import type { CancelRule } from "../call/declaration.js"
import { encodeForJob } from "../call/encodeRequest.js"
import { isTraced } from "../call/observe.js"
import { isUnknownJob } from "../call/refusal.js"
import type { Change } from "../journal/entry.js"
import { recordState } from "../journal/recordState.js"
import { replicaLag } from "../limits/serverTimes.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { Service } from "./followUpService.js"
import type { Kind } from "./ticket.js"

export interface Tracked {
  readonly rule: CancelRule
  readonly id: Redacted.Redacted
  readonly forget: () => void
  /** The latest time at which the server may have accepted it, in milliseconds of the monotonic clock. */
  readonly acceptedAt: number
  entry: Entry
  /** Whether it is in the journal: only then another process can take it over. */
  isInJournal: boolean
  /** Whether its scope is closed. */
  isAbandoned: boolean
  /** Whether its results stay available to a later process if this scope does not deliver them. */
  isKept: boolean
  /** Completes when the running cancel ends, with success or failure. */
  cancelling: Deferred.Deferred<void> | undefined
}

type NewlyTracked = Omit<Tracked, "isAbandoned" | "cancelling">

const cancels = Metric.counter("horde_cancels_total", {
  description: "Jobs cancelled when their scope closed or on request",
  incremental: true
})

/** The pause between two cancels of a job that the server's replicas do not have yet, in milliseconds. */
const betweenCancels = 2000

/** How much longer a replica may lag behind the acceptance of a job, in milliseconds. */
const lagLeft = ({ acceptedAt }: Tracked): Effect.Effect<number> =>
  Effect.map(monotonicMillis, (now) => Math.max(0, Math.ceil(acceptedAt + replicaLag - now)))

/** Repeats a cancel while the server's replicas may not have the job yet. */
const untilKnown = <A, E extends CallError>(tracked: Tracked, cancel: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.catchAll(cancel, (error) =>
    Effect.flatMap(isUnknownJob(error) ? lagLeft(tracked) : Effect.succeed(0), (left) =>
      left === 0 ? Effect.fail(error) : Effect.delay(untilKnown(tracked, cancel), Math.min(left, betweenCancels))
    )
  )

export const keyOf = (job: Kind, id: string): string => `${job} ${id}`

const timedOut = () => new Cause.TimeoutException("timed out before the server replied")

/** `cancelWithin` is the time limit of `deadline`, in milliseconds. */
export const make = (
  client: HordeClient.Service,
  journal: Journal,
  quota: JobQuota.Service,
  { cancelWithin, deadline }: { readonly cancelWithin: number; readonly deadline: Deadline }
) => {
  /** Jobs that are cancelled when their scope closes. */
  const unfinished = new Map<string, Tracked>()
  /** Jobs that are over on the server while their scope is open, in the order in which they ended. */
  const over = new Map<string, Tracked>()

  /** Jobs whose final state is being written to the journal. */
  const ending = new Set<EntryKey>()

  const find = (key: string): Tracked | undefined => unfinished.get(key) ?? over.get(key)

  const take = (key: string): Tracked | undefined => {
    const tracked = find(key)
    unfinished.delete(key)
    over.delete(key)
    tracked?.forget()
    return tracked
  }

  const record = (entry: Entry, change: Change, options?: Parameters<typeof recordState>[3]) =>
    recordState(journal, entry, change, options)

  /** Stops tracking a job, and records its final state. */
  const end = (key: string, state: State): Effect.Effect<void> =>
    Effect.suspend(() => {
      const tracked = take(key)
      if (tracked === undefined) return Effect.void
      const { entry } = tracked
      ending.add(entry.key)
      return Effect.map(record(entry, { state }), () => void ending.delete(entry.key))
    }).pipe(Effect.uninterruptible)

  /** Ends jobs that the server has deleted by now: a scope may stay open for long. */
  const endPast = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const past: Array<string> = []
    for (const [key, { entry }] of over) {
      if (entry.state !== "finished") continue // its state is being written
      if (DateTime.toEpochMillis(entry.changedAt) + rememberedFor >= now) break
      past.push(key)
    }
    return Effect.forEach(past, (key) => end(key, "delivered"), { discard: true })
  })

  const settle: Service["settle"] = (job, id, ending) => {
    const key = keyOf(job, id)
    const settled = Effect.suspend(() => {
      const tracked = ending === "over" ? unfinished.get(key) : find(key)
      if (tracked === undefined) return Effect.void
      if (ending !== "over") return end(key, "cancelled")
      if (tracked.isAbandoned) return end(key, tracked.isKept ? "finished" : "delivered")
      unfinished.delete(key)
      over.set(key, tracked)
      return Effect.flatMap(record(tracked.entry, { state: "finished" }), ({ entry, isWritten }) => {
        tracked.entry = entry
        tracked.isInJournal ||= isWritten
        return endPast
      })
    }).pipe(Effect.uninterruptible, Effect.zipRight(quota.updated(job, id, 0)))
    if (ending !== "gone") return settled
    return Effect.suspend(() => {
      const tracked = find(key)
      if (tracked === undefined) return settled
      return Effect.flatMap(lagLeft(tracked), (left) => (left === 0 ? settled : Effect.void))
    })
  }

  /** Registers the only cancel of a job, synchronously. The cancel itself settles the job. */
  const begin = <A, E>(tracked: Tracked, cancel: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const done = Deferred.unsafeMake<void>(FiberId.none)
    tracked.cancelling = done
    return Effect.ensuring(
      cancel,
      Effect.sync(() => {
        tracked.cancelling = undefined
        Deferred.unsafeDone(done, Effect.void)
      })
    )
  }

  /** Cancels of closing scopes share one timer. The cancels of a closing layer have less time. */
  const timed = <A, E>(cancel: Effect.Effect<A, E>, within: number): Effect.Effect<A, E | Cause.TimeoutException> =>
    within === cancelWithin
      ? deadline(cancel, timedOut)
      : Effect.timeoutFail(Effect.interruptible(cancel), { duration: within, onTimeout: timedOut })

  const sendCancel = (tracked: Tracked, within: number): Effect.Effect<void> => {
    const { job, cancel, cancelBody, isEndedBy } = tracked.rule
    const id = Redacted.value(tracked.id)
    const call = Effect.suspend(() =>
      Effect.flatMap(encodeForJob(`FollowUp/cancel ${job}`, cancel, tracked.id, cancelBody), client.execute)
    )
    const send = untilKnown(tracked, call).pipe(
      Effect.zipRight(Effect.zipRight(settle(job, id, "cancelled"), Metric.increment(cancels))),
      Effect.catchIf(isUnknownJob, () => settle(job, id, "gone")),
      Effect.catchIf(
        (error) => isEndedBy?.(error) === true,
        () => end(keyOf(job, id), "cancelled")
      ),
      // with such an id no cancel can be sent, now or later
      Effect.catchTag("InvalidRequest", ({ message }) =>
        Effect.zipRight(
          end(keyOf(job, id), "cancelled"),
          Effect.logWarning(`a job cannot be cancelled, because its id is not valid: ${message}`)
        )
      )
    )
    const release = Effect.suspend(() => {
      take(keyOf(job, id))
      return Effect.logWarning("not cancelled: another process owns the job now")
    })
    const isOurs = tracked.isInJournal ? journal.holds(tracked.entry.key) : Effect.succeed(true)
    const cancelled = timed(
      Effect.flatMap(isOurs, (isOurs) => (isOurs ? send : release)),
      within
    )
    const span = { kind: "client", captureStackTrace: false, attributes: { job } } as const
    return Effect.flatMap(isTraced, (isTraced) =>
      isTraced ? Effect.withSpan(cancelled, "horde.FollowUp.cancel", span) : cancelled
    ).pipe(
      Effect.catchAll((error) =>
        Effect.logWarning(`cancel failed; the job may still be running: ${error._tag} ${error.message}`)
      )
    )
  }

  /** Cancels an abandoned job, unless it is over; waits for a cancel that is already running. */
  const close = (key: string, within: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const tracked = unfinished.get(key)
      if (tracked === undefined) {
        if (over.get(key)?.isKept !== true) return end(key, "delivered")
        take(key)
        return Effect.void
      }
      tracked.isAbandoned = true
      if (tracked.cancelling === undefined) {
        return begin(tracked, sendCancel(tracked, within))
      }
      return Deferred.await(tracked.cancelling).pipe(
        Effect.interruptible,
        Effect.timeoutOption(within),
        Effect.zipRight(
          Effect.suspend(() =>
            unfinished.has(key) && tracked.cancelling === undefined ? close(key, within) : Effect.void
          )
        )
      )
    }).pipe(Effect.uninterruptible)

  const cancelWith: Service["cancelWith"] = (job, id, cancel) =>
    Effect.uninterruptibleMask((restore) => {
      const tracked = find(keyOf(job, id))
      if (tracked === undefined) return restore(cancel)
      const repeated = untilKnown(tracked, cancel)
      if (tracked.cancelling !== undefined || !unfinished.has(keyOf(job, id))) return restore(repeated)
      const fiber = Effect.forkDaemon(begin(tracked, Effect.interruptible(repeated)))
      return Effect.flatMap(fiber, (fiber) => restore(Fiber.join(fiber)))
    })

  /** Tracks a job, and replaces an earlier owner of it. */
  const track = ({ acceptedAt, entry, forget, id, isInJournal, isKept, rule }: NewlyTracked): void => {
    const key = keyOf(rule.job, Redacted.value(id))
    take(key)
    const open = entry.state === "finished" ? over : unfinished
    // without a spread, whose added fields would give each job a hidden class of its own in V8
    open.set(key, {
      rule,
      id,
      forget,
      acceptedAt,
      entry,
      isInJournal,
      isAbandoned: false,
      isKept,
      cancelling: undefined
    })
  }

  const keys = (): ReadonlyArray<EntryKey> => [
    ...ending,
    ...[...unfinished.values(), ...over.values()].map(({ entry }) => entry.key)
  ]

  return { unfinished, over, keys, find, track, record, end, settle, close, cancelWith }
}
