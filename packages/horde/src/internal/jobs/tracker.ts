/** Tracks jobs by scope, and runs submits in the layer. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { HordeClient } from "../../HordeClient.js"
import { JournalFailed } from "../../HordeError.js"
import { type Entry, type EntryKey, JobJournal } from "../../JobJournal.js"
import { JobQuota } from "../../JobQuota.js"
import * as deadlines from "../call/deadlines.js"
import type { CallHooks, PreparedCall, Starts } from "../call/declaration.js"
import { entryOfCall, entryOfTicket } from "../journal/entry.js"
import { monotonicMillis } from "../platform/monotonic.js"
import * as Drain from "./drain.js"
import type { Options, Service } from "./followUpService.js"
import * as openJobs from "./openJobs.js"
import type { Kind } from "./ticket.js"

/** How the jobs of one scope are closed with it. */
interface Owned {
  readonly closers: Set<() => Effect.Effect<void>>
  isClosed: boolean
}

/** A submit whose request runs in the layer. */
interface Submission {
  /** Whether the request was sent, or has succeeded. */
  isSent: boolean
  /** Whether the job was abandoned before its request was sent: then it is never sent. */
  isDropped: boolean
}

/** Whether the server may have carried out a submit that ended with this cause. */
const isOutcomeUnknown = (cause: Cause.Cause<unknown>, { isDropped }: Submission): boolean =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => !isDropped,
    onSome: Predicate.isTagged("OutcomeUnknown")
  })

const closeConcurrently = (closers: Iterable<() => Effect.Effect<void>>): Effect.Effect<void> =>
  Effect.forEach(closers, (close) => close(), { concurrency: "unbounded", discard: true })

export const make = (
  options: Options
): Effect.Effect<Service, never, HordeClient | JobJournal | JobQuota | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const journal = yield* JobJournal
    const quota = yield* JobQuota
    const drain = Drain.make(options)
    const { cancelWithin } = drain
    const deadline = yield* deadlines.make(Duration.millis(cancelWithin))
    const open = openJobs.make(client, journal, quota, { cancelWithin, deadline })
    const submitFibers = new Map<Fiber.RuntimeFiber<unknown, unknown>, Submission>()
    /** Submits whose replies may still arrive. */
    const pendingSubmits = new Set<EntryKey>()
    const perScope = new WeakMap<Scope.Scope, Owned>()
    let draining = false

    yield* journal.track(() => [...pendingSubmits, ...open.keys()])

    const closeAll = (keys: ReadonlyArray<string>, within: number): Effect.Effect<void> =>
      Effect.forEach(keys, (key) => open.close(key, within), { concurrency: "unbounded", discard: true })

    /** One finalizer per scope, which closes all its jobs concurrently. */
    const ownedBy = (scope: Scope.Scope): Effect.Effect<Owned> =>
      Effect.suspend(() => {
        const known = perScope.get(scope)
        if (known !== undefined) return Effect.succeed(known)
        const owned: Owned = { closers: new Set(), isClosed: false }
        perScope.set(scope, owned)
        const finalizer = Effect.suspend(() => {
          owned.isClosed = true
          const [close, ...others] = owned.closers
          if (close === undefined) return Effect.void
          // most scopes have one job, and a concurrent loop costs two fibers
          return drain.closeInTime(others.length === 0 ? close() : closeConcurrently(owned.closers))
        })
        return Effect.as(Scope.addFinalizer(scope, finalizer), owned)
      })

    /**
     * Adds the finalizer of an accepted job to its scope. Returns how it is removed. Neither refers to the submit, whose
     * request would otherwise be kept in memory while the job runs.
     */
    const closeWith = ({ closers }: Owned, key: string): (() => void) => {
      const closer = () => open.close(key, cancelWithin)
      closers.add(closer)
      return () => void closers.delete(closer)
    }

    /** Interrupts a submit that was not sent yet (it waits for the rate limit), so that it is never sent. */
    const dropUnsent = (fiber: Fiber.RuntimeFiber<unknown, unknown>, submission: Submission): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (submission.isSent) return Effect.void
        // set synchronously: the request might be sent before the interruption arrives
        submission.isDropped = true
        return Effect.asVoid(Fiber.interruptFork(fiber))
      })

    // A scope may outlive this layer, and the layer's connection still works at this point. At its end a program
    // closes its scopes and then this layer: both share the time limit of the drain.
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        draining = true
        const left = yield* drain.last
        yield* Effect.forEach(submitFibers, ([fiber, submission]) => dropUnsent(fiber, submission), { discard: true })
        const answered = yield* Fiber.awaitAll([...submitFibers.keys()]).pipe(
          Effect.interruptible,
          Effect.timeoutOption(Math.max(0, (yield* left) - drain.reserve))
        )
        if (answered._tag === "None") {
          yield* Effect.logWarning(
            `${submitFibers.size} submit(s) timed out: it is unknown whether their jobs were started`
          )
        }
        yield* closeAll([...open.unfinished.keys(), ...open.over.keys()], yield* left)
        const unanswered = [...open.unfinished.values()].filter(({ cancelling }) => cancelling !== undefined).length
        if (unanswered > 0) {
          yield* Effect.logWarning(`${unanswered} cancel(s) timed out: their jobs may still be running`)
        }
      })
    )

    const newEntry = (rule: Starts, call: PreparedCall) =>
      Effect.zipWith(Clock.currentTimeMillis, client.apiKey, (now, apiKey) => entryOfCall({ now, apiKey }, call, rule))

    /** Writes the journal entry of a call, before the call is sent for the first time. */
    const writeIntent = (rule: Starts, call: PreparedCall, begin: (key: EntryKey) => void) =>
      Effect.gen(function* () {
        const entry = yield* newEntry(rule, call)
        const { method, path } = call.declaration
        begin(entry.key)
        yield* Effect.mapError(
          journal.write(entry),
          ({ message, reason }) => new JournalFailed({ method, path, message, reason })
        )
        return entry
      })

    /**
     * Whether the job is in the journal already: the new owner of a submit may have found it before the reply arrived.
     */
    const isKnown = (id: string) =>
      Effect.map(
        Effect.orElseSucceed(journal.entries, () => []),
        (entries) => entries.some((entry) => entry.id !== undefined && Redacted.value(entry.id) === id)
      )

    const track: Service["track"] = (rule, call, submit, idOf) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const owned = yield* ownedBy(yield* Effect.scope)
          let key: string | undefined
          let intended: EntryKey | undefined
          let entry: Entry | undefined
          let abandoned = owned.isClosed
          let submitFiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
          const submission: Submission = { isSent: false, isDropped: false }
          const abandon = (): Effect.Effect<void> =>
            Effect.suspend(() => {
              abandoned = true
              if (key !== undefined) return open.close(key, cancelWithin)
              return submitFiber === undefined ? Effect.void : dropUnsent(submitFiber, submission)
            })
          owned.closers.add(abandon)
          const writeIntentOnce = Effect.gen(function* () {
            if (entry !== undefined) return
            entry = yield* writeIntent(rule, call, (key) => {
              // pending before the entry is visible: recovery must never see it as orphaned
              intended = key
              pendingSubmits.add(key)
            })
          }).pipe(Effect.uninterruptible)
          const markSent = Effect.suspend(() => {
            if (submission.isDropped) return Effect.interrupt
            submission.isSent = true
            return Effect.void
          })
          const hooks: CallHooks = {
            beforeSend: Effect.zipRight(writeIntentOnce, markSent),
            onFailedAttempt: Effect.sync(() => {
              submission.isSent = false
            })
          }
          const request = { apiKey: yield* client.apiKey, kind: rule.job, results: call.results }

          const started = (id: string) =>
            Effect.gen(function* () {
              const acceptedAt = yield* monotonicMillis
              const redacted = Redacted.make(id)
              const change = { state: "live", id: redacted } as const
              // a custom HordeClient may skip `beforeSend`
              const recorded = yield* open.record(entry ?? (yield* newEntry(rule, call)), change, { timeout: "none" })
              const isOrphaned = recorded.isTaken && !(yield* isKnown(id))
              const live = isOrphaned
                ? yield* open.record(yield* newEntry(rule, call), change, { timeout: "none" })
                : recorded
              key = openJobs.keyOf(rule.job, id)
              owned.closers.delete(abandon)
              open.track({
                rule,
                id: redacted,
                forget: closeWith(owned, key),
                acceptedAt,
                entry: live.entry,
                isInJournal: entry !== undefined || live.isWritten,
                isKept: false
              })
              yield* quota.started(request, id)
              if (abandoned || draining) yield* open.close(key, cancelWithin)
            })

          const fiber = yield* Effect.interruptible(quota.limited(submit(hooks), request)).pipe(
            Effect.tap((reply) => started(idOf(reply))),
            Effect.tapErrorCause((cause) => {
              owned.closers.delete(abandon)
              return entry === undefined || isOutcomeUnknown(cause, submission)
                ? Effect.void
                : open.record(entry, { state: "cancelled" })
            }),
            Effect.ensuring(Effect.sync(() => intended !== undefined && pendingSubmits.delete(intended))),
            Effect.forkDaemon
          )
          submitFiber = fiber
          submitFibers.set(fiber, submission)
          fiber.addObserver(() => submitFibers.delete(fiber))
          return yield* restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(abandon))
        })
      )

    const adopt: Service["adopt"] = (rule, ticket, entry) =>
      Effect.gen(function* () {
        const owned = yield* ownedBy(yield* Effect.scope)
        const key = openJobs.keyOf(rule.job, Redacted.value(ticket.id))
        const now = yield* Clock.currentTimeMillis
        const origin = { now, apiKey: yield* client.apiKey }
        const tracked = open.find(key)
        const known = entry ?? tracked?.entry ?? entryOfTicket(origin, ticket)
        // by the wall clock of the submitting process: if it is wrong, the grace for replica lag is too long or too short
        const age = now - DateTime.toEpochMillis(entry === undefined ? ticket.submittedAt : entry.changedAt)
        const acceptedAt = tracked?.acceptedAt ?? (yield* monotonicMillis) - Math.max(0, age)
        const wasInJournal = entry !== undefined || tracked?.isInJournal === true
        pendingSubmits.add(known.key)
        const { entry: current, isWritten } =
          known.state === "intent"
            ? yield* open.record(known, { state: "live", id: ticket.id })
            : { entry: known, isWritten: false }
        // a job has one owner: the scope that adopted it last
        open.track({
          rule,
          id: ticket.id,
          forget: closeWith(owned, key),
          acceptedAt,
          entry: current,
          isInJournal: wasInJournal || isWritten,
          // the job had ended when its process died; recovering it does not deliver its results
          isKept: entry?.state === "finished"
        })
        pendingSubmits.delete(known.key)
        if (owned.isClosed) yield* open.close(key, cancelWithin)
      }).pipe(Effect.uninterruptible)

    const end = (job: Kind, id: string) => open.end(openJobs.keyOf(job, id), "delivered")

    return {
      track,
      adopt,
      settle: open.settle,
      progressed: quota.updated,
      keep: (job, id) =>
        Effect.sync(() => {
          const tracked = open.find(openJobs.keyOf(job, id))
          if (tracked !== undefined) tracked.isKept = true
        }),
      delivered: (job, id) =>
        Effect.suspend(() => (open.over.has(openJobs.keyOf(job, id)) ? end(job, id) : Effect.void)),
      cancelWith: open.cancelWith,
      detach: (job, id) =>
        Effect.suspend(() => {
          const wasUnfinished = open.unfinished.has(openJobs.keyOf(job, id))
          return Effect.as(end(job, id), wasUnfinished)
        }),
      unfinished: Effect.sync(() =>
        Array.from(open.unfinished.values(), ({ id, rule }) => ({ job: rule.job, id, cancel: rule.cancel }))
      ),
      cancelAgain: Effect.suspend(() => {
        const abandoned = [...open.unfinished].filter(([, { isAbandoned }]) => isAbandoned)
        return closeAll(
          abandoned.map(([key]) => key),
          cancelWithin
        )
      })
    }
  })
