/** Takes up what stands open in the journal, and nobody looks after. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Starts } from "../Declaration.js"
import type { LostAnswer, Recovered, RecoverOptions } from "../FollowUp.js"
import { Submit } from "../ImageGenerationEndpoints.js"
import { type Entry, type EntryKey, isOpen, JobJournal, type Service as Journal, rememberedFor } from "../JobJournal.js"
import type { Kind, Ticket } from "../Ticket.js"
import { FollowUp } from "./followUpService.js"
import { ageOf, ticketOf } from "./journalEntry.js"
import { lookFor } from "./lostAnswers.js"
import { note } from "./noting.js"

/** How a kind of job is followed. */
const rules: { readonly [kind in Kind]?: Starts } = { image: Submit.declaration.followUp }

/** Two recoveries of one program would find the same jobs: the second one waits for what the first leaves. */
const turns = new WeakMap<Journal, Effect.Semaphore>()

const turnAt = (journal: Journal): Effect.Semaphore => {
  const turn = turns.get(journal) ?? Effect.unsafeMakeSemaphore(1)
  turns.set(journal, turn)
  return turn
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

type Treated = "resumed" | "cancelled" | "left" | "failed"

/** Does to a job of the server's what the policy says. */
const treat = (entry: Entry, id: Redacted.Redacted, policy: RecoverOptions["policy"]) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    const ticket = ticketOf(entry, id)
    const rule = rules[entry.job]
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
const putAway = (entry: Entry, outcome: LostAnswer["outcome"], isPassing: boolean) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const isForgotten = ageOf(entry, yield* Clock.currentTimeMillis) > (isPassing ? dayLong : rememberedFor)
    if (outcome === "absent" || isForgotten) yield* note(journal, entry, { state: "cancelled" })
  })

/** What was left as it was is not left for ever. */
const endOld = (entries: ReadonlyArray<Entry>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const now = yield* Clock.currentTimeMillis
    const isOld = ({ changedAt, id }: Entry) =>
      now - DateTime.toEpochMillis(changedAt) > (id === undefined ? rememberedFor : dayLong)
    yield* Effect.forEach(entries.filter(isOld), (entry) => note(journal, entry, { state: "cancelled" }), {
      discard: true
    })
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

/** Takes up the jobs whose ids are known. */
const takeUpKnown = (open: ReadonlyArray<Entry>, options: RecoverOptions) =>
  Effect.map(
    Effect.forEach(
      open,
      (entry): Effect.Effect<ReadonlyArray<TreatedJob>, never, JobJournal | FollowUp | Scope.Scope> =>
        entry.id === undefined
          ? Effect.succeed([])
          : Effect.map(treat(entry, entry.id, options.policy), (one) => [one]),
      atOnce
    ),
    (treated) => treated.flat()
  )

/** Looks for the others, and takes up those that are found. */
const takeUpLost = (open: ReadonlyArray<Entry>, options: RecoverOptions, done: Set<EntryKey>) =>
  Effect.gen(function* () {
    const findings = yield* lookFor(
      open.filter(({ id }) => id === undefined),
      options
    )
    const treated: Array<TreatedJob> = []
    const lost = yield* Effect.forEach(
      findings,
      ({ candidates, entry, isPassing, outcome, reason }) =>
        Effect.gen(function* () {
          const [id] = candidates
          if (outcome === "found" && id !== undefined) treated.push(yield* treat(entry, id, options.policy))
          else yield* putAway(entry, outcome, isPassing)
          if (!isPassing) done.add(entry.key)
          const tickets = candidates.map((id) => ticketOf(entry, id))
          return { key: entry.key, outcome, reason, candidates: tickets } satisfies LostAnswer
        }),
      atOnce
    )
    return { treated, lost }
  })

/**
 * `done`: what need not be looked into again. What this time leaves as it is, or cannot tell, is added to it. `tell` is
 * told what was taken up at once, before it is looked for lost answers, which takes its time.
 */
export const recoverOnce = <R = never>(
  options: RecoverOptions,
  done: Set<EntryKey>,
  tell: (recovered: Recovered) => Effect.Effect<void, never, R> = () => Effect.void
) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    yield* followUp.cancelAgain
    const taken = yield* journal.takeOver
    const turn = turnAt(journal)
    return yield* turn.withPermits(1)(
      Effect.gen(function* () {
        const all = yield* unattended
        yield* endOld(all.filter(({ key }) => done.has(key)))
        const open = all.filter(({ key }) => !done.has(key))
        const known = yield* takeUpKnown(open, options)
        yield* tell(summary(known, [], taken))
        const { lost, treated } = yield* takeUpLost(open, options, done)
        for (const { how, key } of [...known, ...treated]) if (how === "left") done.add(key)
        yield* tell(summary(treated, lost, { newer: 0, unreadable: 0 }))
        return summary([...known, ...treated], lost, taken)
      })
    )
  })
