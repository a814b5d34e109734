/** Takes up what stands open in the journal, and nobody looks after. */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import {
  type Entry,
  type EntryKey,
  isOpen,
  JobJournal,
  type Service as Journal,
  rememberedFor
} from "../../JobJournal.js"
import { isJobId } from "../call/pathSegment.js"
import { FollowUp } from "../jobs/followUpService.js"
import type { Ticket } from "../jobs/ticket.js"
import { ageOf, ticketOf } from "../journal/entry.js"
import { note } from "../journal/recordState.js"
import type { LostAnswer, Recovered, RecoverOptions } from "./models.js"
import { type Finding, lookFor } from "./unknownSubmits.js"

/**
 * Two recoveries of one program would find the same jobs: the second one waits for what the first leaves. A search has a
 * lock of its own, so that jobs whose ids are known never wait for it.
 */
interface Locks {
  readonly treat: Effect.Semaphore
  readonly search: Effect.Semaphore
}

const locks = new WeakMap<Journal, Locks>()

const locksOf = (journal: Journal): Locks => {
  const known = locks.get(journal)
  if (known !== undefined) return known
  const made = { treat: Effect.unsafeMakeSemaphore(1), search: Effect.unsafeMakeSemaphore(1) }
  locks.set(journal, made)
  return made
}

/** What this program holds, and nobody in it looks after. */
const unattended = Effect.gen(function* () {
  const journal = yield* JobJournal
  const followUp = yield* FollowUp
  // a job that starts or ends meanwhile must not be taken for one: it is known before, untracked after, and open still
  const before = (yield* journal.entries).filter(isOpen)
  const tracked = yield* followUp.tracked
  const untracked = new Set(before.flatMap(({ key }) => (tracked.has(key) ? [] : [key])))
  if (untracked.size === 0) return []
  const open = (yield* journal.entries).filter((entry) => isOpen(entry) && untracked.has(entry.key))
  return yield* Effect.filter(open, ({ key }) => journal.holds(key))
})

type SearchOptions<K> = Pick<RecoverOptions<never, K>, "kinds" | "policy" | "apiKeys" | "keysAreOurs">

type Treated = "resumed" | "cancelled" | "left" | "failed"

/** Does to a job of the server's what the policy says. */
const treat = <K>(entry: Entry, id: Redacted.Redacted, { kinds, policy }: SearchOptions<K>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    const ticket = ticketOf(entry, id)
    const rule = kinds.find(({ starts }) => starts.job === entry.job)?.starts
    const treated = (how: Treated) => ({ key: entry.key, how, ticket })
    if (rule === undefined || policy === "leave") {
      if (entry.state === "intent") yield* note(journal, entry, { state: "live", id })
      return treated("left")
    }
    if (policy === "resume") {
      yield* followUp.adopt(rule, ticket, entry)
      return treated("resumed")
    }
    if (entry.state === "finished") {
      yield* note(journal, entry, { state: "delivered" })
      return treated("left")
    }
    yield* Effect.scoped(followUp.adopt(rule, ticket, entry))
    return treated((yield* followUp.tracked).has(entry.key) ? "failed" : "cancelled")
  })

/** What nobody has done anything about for so long is not going to be done. */
const dayLong = 24 * 60 * 60_000

/** A submit that came to nothing, or whose job the server has forgotten by now, is nobody's concern any more. */
const record = ({ entry, isPassing, outcome, search }: Finding) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const isForgotten = ageOf(entry, yield* Clock.currentTimeMillis) > (isPassing ? dayLong : rememberedFor)
    if (outcome === "absent" || isForgotten) yield* note(journal, entry, { state: "cancelled" })
    else if (search !== undefined) yield* note(journal, entry, { state: entry.state, search })
  })

/** What was left as it was is not left for ever. */
const endOld = (entries: ReadonlyArray<Entry>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const now = yield* Clock.currentTimeMillis
    const isOld = ({ changedAt }: Entry) => now - DateTime.toEpochMillis(changedAt) > dayLong
    yield* Effect.forEach(entries.filter(isOld), (entry) => note(journal, entry, { state: "cancelled" }), {
      discard: true
    })
  })

/** No call can be made with such an id: nothing can be done about the job, now or later. */
const putAway = (entries: ReadonlyArray<Entry>) =>
  Effect.gen(function* () {
    if (entries.length === 0) return
    const journal = yield* JobJournal
    yield* Effect.logWarning(`${entries.length} record(s) of the journal name jobs by ids that are not valid`)
    yield* Effect.forEach(entries, (entry) => note(journal, entry, { state: "cancelled" }), { discard: true })
  })

const atOnce = { concurrency: "unbounded" } as const

interface TreatedJob {
  readonly key: EntryKey
  readonly how: Treated
  readonly ticket: Ticket
}

const summary = (
  treated: ReadonlyArray<TreatedJob>,
  lost: ReadonlyArray<LostAnswer>,
  taken: Pick<Recovered, "newer" | "unreadable">
): Recovered => {
  const those = (wanted: Treated): ReadonlyArray<Ticket> =>
    treated.flatMap(({ how, ticket }) => (how === wanted ? [ticket] : []))
  return {
    resumed: those("resumed"),
    cancelled: those("cancelled"),
    left: those("left"),
    failed: those("failed"),
    lost,
    newer: taken.newer,
    unreadable: taken.unreadable
  }
}

/** What need not be looked into again, since it is left as it is. */
export type Done = Set<EntryKey>

const markLeft = (treated: ReadonlyArray<TreatedJob>, done: Done): void => {
  for (const { how, key } of treated) if (how === "left") done.add(key)
}

/** Takes over what dead owners left, and takes up the jobs whose ids are known. */
const takeUpKnown = <K>(options: SearchOptions<K>, done: Done) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    yield* followUp.cancelAgain
    const taken = yield* journal.takeOver
    const takeUp = Effect.gen(function* () {
      const all = yield* unattended
      yield* endOld(all.filter(({ key }) => done.has(key)))
      const open = all.filter(({ key }) => !done.has(key))
      const isInvalid = ({ id }: Entry) => id !== undefined && !isJobId(Redacted.value(id))
      const [valid, invalid] = Arr.partition(open, isInvalid)
      yield* putAway(invalid)
      const treated = yield* Effect.forEach(
        valid.flatMap((entry) => (entry.id === undefined ? [] : [{ entry, id: entry.id }])),
        ({ entry, id }) => treat(entry, id, options),
        atOnce
      )
      markLeft(treated, done)
      return {
        recovered: summary(treated, [], { ...taken, unreadable: taken.unreadable + invalid.length }),
        hasLost: valid.some(({ id }) => id === undefined),
        open: new Set(all.map(({ key }) => key))
      }
    })
    return yield* locksOf(journal).treat.withPermits(1)(takeUp)
  })

/** Searches for the others, and takes up those that are found. */
const takeUpLost = <K>(options: SearchOptions<K>, done: Done) =>
  Effect.gen(function* () {
    const locks = locksOf(yield* JobJournal)
    const search = Effect.gen(function* () {
      const open = (yield* unattended).filter(({ id, key }) => id === undefined && !done.has(key))
      const findings = yield* lookFor(open, options)
      return yield* locks.treat.withPermits(1)(takeUp(findings))
    })
    const takeUp = (findings: ReadonlyArray<Finding>) =>
      Effect.gen(function* () {
        const treated: Array<TreatedJob> = []
        const lost = yield* Effect.forEach(
          findings,
          (finding) =>
            Effect.gen(function* () {
              const { candidates, entry, outcome, reason } = finding
              const [id] = candidates
              if (outcome === "found" && id !== undefined) treated.push(yield* treat(entry, id, options))
              else yield* record(finding)
              const tickets = candidates.map((id) => ticketOf(entry, id))
              return { key: entry.key, outcome, reason, candidates: tickets } satisfies LostAnswer
            }),
          atOnce
        )
        markLeft(treated, done)
        return summary(treated, lost, { newer: 0, unreadable: 0 })
      })
    return yield* locks.search.withPermits(1)(search)
  })

/**
 * Takes up the jobs whose ids are known, and gives what was done about them at once; and the search for lost answers,
 * where there are any, which may take minutes.
 */
export const recoverOnce = <K>(options: SearchOptions<K>, done: Done) =>
  Effect.map(takeUpKnown(options, done), ({ hasLost, open, recovered }) => ({
    recovered,
    open,
    search: hasLost ? Option.some(takeUpLost(options, done)) : Option.none()
  }))

/** All that was done, in one. */
export const both = (known: Recovered, found: Recovered): Recovered => ({
  resumed: [...known.resumed, ...found.resumed],
  cancelled: [...known.cancelled, ...found.cancelled],
  left: [...known.left, ...found.left],
  failed: [...known.failed, ...found.failed],
  lost: [...known.lost, ...found.lost],
  newer: known.newer + found.newer,
  unreadable: known.unreadable + found.unreadable
})
