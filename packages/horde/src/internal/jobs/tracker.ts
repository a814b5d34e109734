/** Ties jobs to scopes, and submits to the layer. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { HordeClient } from "../../HordeClient.js"
import { JournalFailed } from "../../HordeError.js"
import { type Entry, type EntryKey, JobJournal, type Service as Journal } from "../../JobJournal.js"
import { JobQuota } from "../../JobQuota.js"
import type { CallHooks, PreparedCall, Starts } from "../call/declaration.js"
import { entryOfCall, entryOfTicket } from "../journal/entry.js"
import { monotonicMillis } from "../platform/monotonic.js"
import * as Drain from "./drain.js"
import type { Options, Service } from "./followUpService.js"
import * as openJobs from "./openJobs.js"
import type { Kind } from "./ticket.js"

/** The jobs of one scope, by what closes them. */
interface Owned {
  readonly closers: Set<Effect.Effect<void>>
  isClosed: boolean
}

/**
 * Several follow-ups may share a journal, of two accounts in one program for instance: what one of them looks after is
 * not left behind for another.
 */
const attending = new WeakMap<Journal, Set<() => ReadonlyArray<EntryKey>>>()

/** A submit whose request belongs to the layer. */
interface Submission {
  /** Whether the request is on the wire, or was answered with success. */
  isSent: boolean
  /** Whether the program has given the job up: a request that is not on the wire by then is never sent. */
  isDropped: boolean
}

/** Whether a submit that ended like this may have been carried out. */
const isOutcomeUnknown = (cause: Cause.Cause<unknown>, { isDropped }: Submission): boolean =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => !isDropped,
    onSome: Predicate.isTagged("OutcomeUnknown")
  })

export const make = (
  options: Options
): Effect.Effect<Service, never, HordeClient | JobJournal | JobQuota | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const journal = yield* JobJournal
    const quota = yield* JobQuota
    const drain = Drain.make(options)
    const { cancelWithin } = drain
    const open = openJobs.make(client, journal, quota)
    const posts = new Map<Fiber.RuntimeFiber<unknown, unknown>, Submission>()
    /** Submits whose answers may still come. */
    const awaited = new Set<EntryKey>()
    const perScope = new WeakMap<Scope.Scope, Owned>()
    let draining = false

    const attend = () => [...awaited, ...open.keys()]
    const together = attending.get(journal) ?? new Set()
    attending.set(journal, together)
    yield* Effect.acquireRelease(
      Effect.sync(() => together.add(attend)),
      () => Effect.sync(() => together.delete(attend))
    )

    const closeAll = (keys: ReadonlyArray<string>, within: number): Effect.Effect<void> =>
      Effect.forEach(keys, (key) => open.close(key, within), { concurrency: "unbounded", discard: true })

    /** One finaliser a scope, which closes all its jobs at once and not in turn. */
    const ownedBy = (scope: Scope.Scope): Effect.Effect<Owned> =>
      Effect.suspend(() => {
        const known = perScope.get(scope)
        if (known !== undefined) return Effect.succeed(known)
        const owned: Owned = { closers: new Set(), isClosed: false }
        perScope.set(scope, owned)
        const finalizer = Effect.suspend(() => {
          owned.isClosed = true
          if (owned.closers.size === 0) return Effect.void
          return drain.closeInTime(Effect.all([...owned.closers], { concurrency: "unbounded", discard: true }))
        })
        return Effect.as(Scope.addFinalizer(scope, finalizer), owned)
      })

    /** A submit that is not on the wire (it waits for its turn) need not be sent at all. */
    const dropUnsent = (post: Fiber.RuntimeFiber<unknown, unknown>, submission: Submission): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (submission.isSent) return Effect.void
        // set at once: the interruption takes a moment to arrive, in which the request might be sent
        submission.isDropped = true
        return Effect.asVoid(Fiber.interruptFork(post))
      })

    // The second net: a scope may outlive this layer, whose connection still works at this point. A program that ends
    // closes its scopes and then this: both together take no longer than the drain.
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        draining = true
        const left = yield* drain.last
        yield* Effect.forEach(posts, ([post, submission]) => dropUnsent(post, submission), { discard: true })
        const answered = yield* Fiber.awaitAll([...posts.keys()]).pipe(
          Effect.interruptible,
          Effect.timeoutOption(Math.max(0, (yield* left) - drain.reserve))
        )
        if (answered._tag === "None") {
          yield* Effect.logWarning(
            `${posts.size} submit(s) were not answered in time: whether these jobs were started is unknown`
          )
        }
        yield* closeAll([...open.unfinished.keys(), ...open.over.keys()], yield* left)
        const unanswered = [...open.unfinished.values()].filter(({ cancelling }) => cancelling !== undefined).length
        if (unanswered > 0) {
          yield* Effect.logWarning(`${unanswered} cancel(s) were not answered in time: their jobs may go on running`)
        }
      })
    )

    const newEntry = (rule: Starts, call: PreparedCall) =>
      Effect.zipWith(Clock.currentTimeMillis, client.apiKey, (now, apiKey) => entryOfCall({ now, apiKey }, call, rule))

    /** The job of a call, written down when the call is about to be sent for the first time. */
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

    /** Whether the journal has a job: who takes a submit over before its answer is there may find it, or not. */
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
          let post: Fiber.RuntimeFiber<unknown, unknown> | undefined
          const submission: Submission = { isSent: false, isDropped: false }
          const abandon = Effect.suspend((): Effect.Effect<void> => {
            abandoned = true
            if (key !== undefined) return open.close(key, cancelWithin)
            return post === undefined ? Effect.void : dropUnsent(post, submission)
          })
          const forget = () => void owned.closers.delete(abandon)
          owned.closers.add(abandon)
          const writeIntentOnce = Effect.gen(function* () {
            if (entry !== undefined) return
            entry = yield* writeIntent(rule, call, (key) => {
              // before it is there to be seen: it must never look left behind
              intended = key
              awaited.add(key)
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
              // a connection that is not ours may send without a word
              const noted = yield* open.note(entry ?? (yield* newEntry(rule, call)), change, true)
              const isOrphaned = noted.isTaken && !(yield* isKnown(id))
              const live = isOrphaned ? yield* open.note(yield* newEntry(rule, call), change, true) : noted
              key = openJobs.keyOf(rule.job, id)
              open.put({
                rule,
                id: redacted,
                forget,
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
              forget()
              return entry === undefined || isOutcomeUnknown(cause, submission)
                ? Effect.void
                : open.note(entry, { state: "cancelled" })
            }),
            Effect.ensuring(Effect.sync(() => intended !== undefined && awaited.delete(intended))),
            Effect.forkDaemon
          )
          post = fiber
          posts.set(fiber, submission)
          fiber.addObserver(() => posts.delete(fiber))
          return yield* restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => abandon))
        })
      )

    const adopt: Service["adopt"] = (rule, ticket, entry) =>
      Effect.gen(function* () {
        const owned = yield* ownedBy(yield* Effect.scope)
        const key = openJobs.keyOf(rule.job, Redacted.value(ticket.id))
        const now = yield* Clock.currentTimeMillis
        const made = { now, apiKey: yield* client.apiKey }
        const tracked = open.find(key)
        const known = entry ?? tracked?.entry ?? entryOfTicket(made, ticket)
        // by the wall clock of whoever started it: if that is off, the server's word is doubted too long, or not at all
        const age = now - DateTime.toEpochMillis(entry === undefined ? ticket.submittedAt : entry.changedAt)
        const acceptedAt = tracked?.acceptedAt ?? (yield* monotonicMillis) - Math.max(0, age)
        const wasInJournal = entry !== undefined || tracked?.isInJournal === true
        awaited.add(known.key)
        const { entry: current, isWritten } =
          known.state === "intent"
            ? yield* open.note(known, { state: "live", id: ticket.id })
            : { entry: known, isWritten: false }
        const closer = open.close(key, cancelWithin)
        const forget = () => void owned.closers.delete(closer)
        owned.closers.add(closer)
        // a job has one owner: the scope that took it last
        open.put({
          rule,
          id: ticket.id,
          forget,
          acceptedAt,
          entry: current,
          isInJournal: wasInJournal || isWritten,
          // it was over when its program died, and is not delivered by being found
          isKept: entry?.state === "finished"
        })
        awaited.delete(known.key)
        if (owned.isClosed) yield* closer
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
      tracked: Effect.sync(() => new Set([...together].flatMap((keys) => keys()))),
      cancelAgain: Effect.suspend(() => {
        const abandoned = [...open.unfinished].filter(([, { isAbandoned }]) => isAbandoned)
        return closeAll(
          abandoned.map(([key]) => key),
          cancelWithin
        )
      })
    }
  })
