/** Applies the recovery policy to open journal entries that no process tracks. */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type Entry, type EntryKey, isOpen, JobJournal, rememberedFor } from "../../JobJournal.js"
import { isJobId } from "../call/pathSegment.js"
import { FollowUp } from "../jobs/followUpService.js"
import type { Ticket } from "../jobs/ticket.js"
import { ageOf, ticketOf } from "../journal/entry.js"
import { recordState } from "../journal/recordState.js"
import { abandonedAfter } from "../journal/retention.js"
import type { Recovered, RecoverOptions, UnknownSubmit } from "./models.js"
import { type Finding, searchFor } from "./unknownSubmits.js"

/** Open entries that this process owns and no `FollowUp` of it tracks. */
const orphanedEntries = Effect.gen(function* () {
  const journal = yield* JobJournal
  // excludes jobs that start or end meanwhile: the entry is in the journal before, untracked after, and still open
  const before = (yield* journal.entries).filter(isOpen)
  const tracked = yield* journal.tracked
  const untracked = new Set(before.flatMap(({ key }) => (tracked.has(key) ? [] : [key])))
  if (untracked.size === 0) return []
  const open = (yield* journal.entries).filter((entry) => isOpen(entry) && untracked.has(entry.key))
  return yield* Effect.filter(open, ({ key }) => journal.holds(key))
})

type SearchOptions<K> = Pick<RecoverOptions<never, ReadonlyArray<K>>, "kinds" | "policy" | "apiKeys" | "exclusiveKeys">

type Outcome = "resumed" | "cancelled" | "left" | "failed"

/** Applies the policy to one job with a known id. */
const applyPolicy = <K>(entry: Entry, id: Redacted.Redacted, { kinds, policy }: SearchOptions<K>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    const ticket = ticketOf(entry, id)
    const rule = kinds.find(({ starts }) => starts.job === entry.job)?.starts
    const handled = (how: Outcome) => ({ key: entry.key, how, ticket })
    if (rule === undefined || policy === "leave") {
      if (entry.state === "intent") yield* recordState(journal, entry, { state: "live", id })
      return handled("left")
    }
    if (policy === "resume" && rule.isResumable !== false) {
      yield* followUp.adopt(rule, ticket, entry)
      return handled("resumed")
    }
    if (entry.state === "finished") {
      yield* recordState(journal, entry, { state: "delivered" })
      return handled("left")
    }
    yield* Effect.scoped(followUp.adopt(rule, ticket, entry))
    return handled((yield* journal.tracked).has(entry.key) ? "failed" : "cancelled")
  })

/**
 * Records the result of a search, so that it is reported again without a search if the process ends before its report.
 */
const recordSearch = ({ entry, search }: Finding) =>
  search === undefined
    ? Effect.void
    : Effect.flatMap(JobJournal, (journal) => recordState(journal, entry, { state: entry.state, search }))

/** Closes reported entries whose job was never started, or was deleted by the server. */
const closeReported = (findings: ReadonlyArray<Finding>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const now = yield* Clock.currentTimeMillis
    const isOver = ({ entry, isPassing, outcome }: Finding) =>
      outcome === "absent" || (outcome !== "found" && ageOf(entry, now) > (isPassing ? abandonedAfter : rememberedFor))
    yield* Effect.forEach(findings.filter(isOver), ({ entry }) => recordState(journal, entry, { state: "cancelled" }), {
      discard: true
    })
  })

/** Closes abandoned entries that earlier recoveries skipped. */
const closeAbandoned = (entries: ReadonlyArray<Entry>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const now = yield* Clock.currentTimeMillis
    const isOld = ({ changedAt }: Entry) => now - DateTime.toEpochMillis(changedAt) > abandonedAfter
    yield* Effect.forEach(entries.filter(isOld), (entry) => recordState(journal, entry, { state: "cancelled" }), {
      discard: true
    })
  })

/** Closes entries with malformed job ids: no request can be sent with such an id. */
const closeInvalid = (entries: ReadonlyArray<Entry>) =>
  Effect.gen(function* () {
    if (entries.length === 0) return
    const journal = yield* JobJournal
    yield* Effect.logWarning(`${entries.length} journal record(s) closed: their job ids are malformed`)
    yield* Effect.forEach(entries, (entry) => recordState(journal, entry, { state: "cancelled" }), { discard: true })
  })

const inParallel = { concurrency: "unbounded" } as const

interface HandledJob {
  readonly key: EntryKey
  readonly how: Outcome
  readonly ticket: Ticket
}

const summary = (
  handled: ReadonlyArray<HandledJob>,
  unknown: ReadonlyArray<UnknownSubmit>,
  taken: Pick<Recovered, "newer" | "unreadable">
): Recovered => {
  const ticketsOf = (wanted: Outcome): ReadonlyArray<Ticket> =>
    handled.flatMap(({ how, ticket }) => (how === wanted ? [ticket] : []))
  return {
    resumed: ticketsOf("resumed"),
    cancelled: ticketsOf("cancelled"),
    left: ticketsOf("left"),
    failed: ticketsOf("failed"),
    unknown,
    newer: taken.newer,
    unreadable: taken.unreadable
  }
}

/** Entries that later recoveries skip, because the policy does not change them. */
export type Done = Set<EntryKey>

const markLeft = (handled: ReadonlyArray<HandledJob>, done: Done): void => {
  for (const { how, key } of handled) if (how === "left") done.add(key)
}

/** Takes over the entries of dead owners, and applies the policy to jobs with known ids. */
const recoverKnown = <K>(options: SearchOptions<K>, done: Done) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    yield* followUp.cancelAgain
    const taken = yield* journal.takeOver
    const apply = Effect.gen(function* () {
      const all = yield* orphanedEntries
      yield* closeAbandoned(all.filter(({ key }) => done.has(key)))
      const open = all.filter(({ key }) => !done.has(key))
      const isInvalid = ({ id }: Entry) => id !== undefined && !isJobId(Redacted.value(id))
      const [valid, invalid] = Arr.partition(open, isInvalid)
      yield* closeInvalid(invalid)
      const handled = yield* Effect.forEach(
        valid.flatMap((entry) => (entry.id === undefined ? [] : [{ entry, id: entry.id }])),
        ({ entry, id }) => applyPolicy(entry, id, options),
        inParallel
      )
      markLeft(handled, done)
      return {
        recovered: summary(handled, [], { ...taken, unreadable: taken.unreadable + invalid.length }),
        hasUnknown: valid.some(({ id }) => id === undefined),
        open: new Set(all.map(({ key }) => key))
      }
    })
    return yield* journal.recoveryLock.withPermits(1)(apply)
  })

/** Announces the result of a step to the program. */
type Report<R> = (recovered: Recovered) => Effect.Effect<void, never, R>

/**
 * Searches for the jobs of unknown submits, applies the policy to those that are found, and reports the result. Entries
 * are closed after the report: a process that ends before it leaves them to the next recovery.
 */
const recoverUnknown = <K, R>(options: SearchOptions<K>, done: Done, report: Report<R>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const search = Effect.gen(function* () {
      const open = (yield* orphanedEntries).filter(({ id, key }) => id === undefined && !done.has(key))
      const findings = yield* searchFor(open, options)
      const recovered = yield* journal.recoveryLock.withPermits(1)(apply(findings))
      yield* report(recovered)
      yield* journal.recoveryLock.withPermits(1)(closeReported(findings))
      return recovered
    })
    const apply = (findings: ReadonlyArray<Finding>) =>
      Effect.gen(function* () {
        const handled: Array<HandledJob> = []
        const unknown = yield* Effect.forEach(
          findings,
          (finding) =>
            Effect.gen(function* () {
              const { candidates, entry, outcome, reason } = finding
              const [id] = candidates
              if (outcome === "found" && id !== undefined) handled.push(yield* applyPolicy(entry, id, options))
              else yield* recordSearch(finding)
              const tickets = candidates.map((id) => ticketOf(entry, id))
              return { key: entry.key, outcome, reason, candidates: tickets } satisfies UnknownSubmit
            }),
          inParallel
        )
        markLeft(handled, done)
        return summary(handled, unknown, { newer: 0, unreadable: 0 })
      })
    return yield* journal.searchLock.withPermits(1)(search)
  })

/**
 * Recovers the jobs with known ids, and reports the result. Returns it, and the search for unknown submits, if there
 * are any: a separate effect, because it may take minutes.
 */
export const recoverOnce = <K, R>(options: SearchOptions<K>, done: Done, report: Report<R>) =>
  Effect.gen(function* () {
    const { hasUnknown, open, recovered } = yield* recoverKnown(options, done)
    yield* report(recovered)
    return { recovered, open, search: hasUnknown ? Option.some(recoverUnknown(options, done, report)) : Option.none() }
  })

/** The combined result of both steps. */
export const merge = (known: Recovered, found: Recovered): Recovered => ({
  resumed: [...known.resumed, ...found.resumed],
  cancelled: [...known.cancelled, ...found.cancelled],
  left: [...known.left, ...found.left],
  failed: [...known.failed, ...found.failed],
  unknown: [...known.unknown, ...found.unknown],
  newer: known.newer + found.newer,
  unreadable: known.unreadable + found.unreadable
})
