/** Takes up what stands open in the journal, and nobody looks after. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Starts } from "../Declaration.js"
import type { LostAnswer, Recovered, RecoverOptions } from "../FollowUp.js"
import { Submit } from "../ImageGenerationEndpoints.js"
import { type Entry, type EntryKey, isOpen, JobJournal, type Service as Journal, rememberedFor } from "../JobJournal.js"
import type { Kind, Ticket } from "../Ticket.js"
import { FollowUp } from "./followUpService.js"
import { ticketOf } from "./journalEntry.js"
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
  const before = new Set((yield* journal.entries).map(({ key }) => key))
  const tracked = yield* followUp.tracked
  const open = (yield* journal.entries).filter(
    (entry) => isOpen(entry) && before.has(entry.key) && !tracked.has(entry.key)
  )
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

/** A submit that came to nothing, or whose job the server has forgotten by now, is nobody's concern any more. */
const putAway = (entry: Entry, outcome: LostAnswer["outcome"]) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const now = yield* Clock.currentTimeMillis
    const isForgotten = DateTime.toEpochMillis(entry.submittedAt) + rememberedFor < now
    if (outcome === "absent" || isForgotten) yield* note(journal, entry, { state: "cancelled" })
  })

const takeUp = (options: RecoverOptions, done: Set<EntryKey>) =>
  Effect.gen(function* () {
    const open = (yield* unattended).filter(({ key }) => !done.has(key))
    const all = { concurrency: "unbounded" } as const

    const heirs = yield* Effect.forEach(
      open,
      (entry) =>
        entry.id === undefined
          ? Effect.succeed([])
          : Effect.map(treat(entry, entry.id, options.policy), (one) => [one]),
      all
    )
    const findings = yield* lookFor(
      open.filter(({ id }) => id === undefined),
      options
    )
    const lost = yield* Effect.forEach(
      findings,
      ({ candidates, entry, isPassing, outcome, reason }) =>
        Effect.gen(function* () {
          const [id] = candidates
          const treated = outcome === "found" && id !== undefined ? [yield* treat(entry, id, options.policy)] : []
          if (outcome !== "found") yield* putAway(entry, outcome)
          if (!isPassing) done.add(entry.key)
          const answer: LostAnswer = {
            key: entry.key,
            outcome,
            reason,
            candidates: candidates.map((id) => ticketOf(entry, id))
          }
          return { answer, treated }
        }),
      all
    )

    const treated = [...heirs.flat(), ...lost.flatMap(({ treated }) => treated)]
    const those = (wanted: Treated): ReadonlyArray<Ticket> =>
      treated.flatMap(({ how, ticket }) => (how === wanted ? [ticket] : []))
    for (const { how, key } of treated) if (how === "left") done.add(key)
    return {
      resumed: those("resumed"),
      cancelled: those("cancelled"),
      left: those("left"),
      failed: those("failed"),
      lost: lost.map(({ answer }) => answer)
    }
  })

/** `done`: what need not be looked into again. What this time leaves as it is, or cannot tell, is added to it. */
export const recoverOnce = (options: RecoverOptions, done: Set<EntryKey>) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const followUp = yield* FollowUp
    yield* followUp.cancelAgain
    const { newer, unreadable } = yield* journal.takeOver
    const found = yield* turnAt(journal).withPermits(1)(takeUp(options, done))
    return { ...found, newer, unreadable } satisfies Recovered
  })
