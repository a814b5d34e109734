/**
 * Looks for jobs whose submit was never answered. The account's own list has every job of it, and newer servers tell
 * what was asked for: so the right one can be told, and a wrong one is not touched.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { LostAnswer, RecoverOptions } from "../FollowUp.js"
import { HordeClient, withApiKey } from "../HordeClient.js"
import { Check, Submitted } from "../ImageGenerationEndpoints.js"
import { type Entry, type EntryKey, JobJournal } from "../JobJournal.js"
import { GenerationRequestId } from "../JobModels.js"
import { Find } from "../Users.js"
import { FollowUp } from "./followUpService.js"
import { ageOf, isPromptOf, isRequestOf, isUnder } from "./journalEntry.js"

/** The server's list may be half a minute old. */
const listIsFresh = 31_000

/** How long after it was sent a request may still be accepted, all in milliseconds. */
const mayArriveFor = 60_000

/** For so long the server remembers a job that nothing happens to. Of what is older it cannot be told that it never was. */
const serverRemembers = 20 * 60_000

/** How long a submit may be under way, repeats and time-outs included. */
const underWayFor = 2 * 60_000

const askedAtOnce = 4

export interface Finding {
  readonly entry: Entry
  /** Whether it may come out otherwise the next time. */
  readonly isPassing: boolean
  readonly outcome: LostAnswer["outcome"]
  readonly reason: string
  readonly candidates: ReadonlyArray<Redacted.Redacted>
}

const open = (entry: Entry, reason: string, isPassing = false): Finding => ({
  entry,
  isPassing,
  outcome: "open",
  reason,
  candidates: []
})

/** How many results a job is to have, as far as the server says: of one at which nobody is any more, at least so many. */
interface Size {
  readonly results: number
  readonly isAtLeast: boolean
}

/** A job of the account that no journal knows. */
interface Candidate {
  readonly id: string
  /** What it was submitted with, where the server tells. */
  readonly request: { readonly [name: string]: unknown } | undefined
  /** Asked for only where the request is not told. */
  readonly size: Size | undefined
  /** Whether the server could be asked about it. */
  readonly isKnown: boolean
}

/** Nothing where the server has forgotten the job since it made its list. */
const inspect = (id: string) =>
  Effect.gen(function* () {
    const submitted = yield* Submitted
    const check = yield* Check
    const params = { id: GenerationRequestId.make(id) }
    const request = yield* Effect.either(submitted({ params }))
    if (Either.isRight(request) && request.right.prompt !== undefined) {
      return { id, request: { ...request.right }, size: undefined, isKnown: true }
    }
    const size = yield* Effect.map(check({ params }), ({ finished, processing, waiting }) => ({
      results: finished + processing + waiting,
      isAtLeast: processing + waiting === 0
    }))
    // a server that does not tell refuses to; one that could not be reached may tell the next time
    const isKnown = Either.isRight(request) || !request.left.isRetryable
    return { id, request: undefined, size, isKnown }
  }).pipe(
    Effect.map((candidate): Option.Option<Candidate> => Option.some(candidate)),
    Effect.catchTag("NotFound", () => Effect.succeedNone),
    Effect.orElseSucceed(() => Option.some({ id, request: undefined, size: undefined, isKnown: false }))
  )

/**
 * Gives each entry its candidates. Where there are no more of them than entries that they fit, each is one of these;
 * where there are more, some belong to somebody else, and which cannot be told.
 */
const assign = (
  entries: ReadonlyArray<Entry>,
  candidates: ReadonlyArray<Candidate>,
  fits: (entry: Entry, candidate: Candidate) => boolean,
  found: string | undefined,
  several: string
): ReadonlyArray<Finding> => {
  const given = new Set<string>()
  const fitting = entries.map((entry) => candidates.filter((candidate) => fits(entry, candidate)))
  const names = fitting.map((mine) => mine.map(({ id }) => id).join())
  return entries.flatMap((entry, index): ReadonlyArray<Finding> => {
    const mine = fitting[index] ?? []
    if (mine.length === 0) return []
    const rivals = names.filter((theirs) => theirs === names[index]).length
    const isPassing = mine.some(({ isKnown }) => !isKnown)
    if (found === undefined || isPassing || mine.length > rivals) {
      const ids = mine.map(({ id }) => Redacted.make(id))
      return [{ entry, isPassing, outcome: "probable", reason: several, candidates: ids }]
    }
    const free = mine.find(({ id }) => !given.has(id))
    if (free === undefined) return []
    given.add(free.id)
    return [{ entry, isPassing, outcome: "found", reason: found, candidates: [Redacted.make(free.id)] }]
  })
}

const fitsIn = (expected: number, { isAtLeast, results }: Size): boolean =>
  results === expected || (isAtLeast && results < expected)

/** Whether nothing that is known of a job speaks against it. */
const mayBe = (entry: Entry, { request, size }: Candidate): boolean =>
  request === undefined ? size === undefined || fitsIn(entry.expected, size) : isPromptOf(entry, request)

const lookUnder = (
  apiKey: Redacted.Redacted,
  entries: ReadonlyArray<Entry>,
  lost: ReadonlySet<EntryKey>,
  given: ReadonlyArray<Redacted.Redacted>,
  options: RecoverOptions
) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const find = yield* Find
    const { active_generations } = yield* find()
    // read after the list: what was submitted meanwhile is known here, and not a candidate
    const written = yield* journal.entries
    const inJournal = written.flatMap(({ id }) => (id === undefined ? [] : [id]))
    const known = new Set([...inJournal, ...given].map(Redacted.value))
    const unknown = (active_generations?.image ?? []).filter((id) => !known.has(id))
    const candidates = (yield* Effect.forEach(unknown, inspect, { concurrency: askedAtOnce })).flatMap(Option.toArray)

    // of a submit that is under way the server may have the job, and this side no answer yet
    const now = yield* Clock.currentTimeMillis
    const tracked = yield* (yield* FollowUp).tracked
    const underWay = yield* Effect.filter(written, (entry) =>
      entry.state === "intent" && !lost.has(entry.key) && isUnder(entry, apiKey) && ageOf(entry, now) < underWayFor
        ? Effect.map(journal.holds(entry.key), (isOurs) => !isOurs || tracked.has(entry.key))
        : Effect.succeed(false)
    )
    const isContested = (candidate: Candidate) => underWay.some((entry) => mayBe(entry, candidate))
    const contested = entries.filter((entry) =>
      candidates.some((candidate) => isContested(candidate) && mayBe(entry, candidate))
    )

    const exact = assign(
      entries.filter((entry) => !contested.includes(entry)),
      candidates,
      (entry, { request }) => request !== undefined && isRequestOf(entry, request),
      "the account has a job with this very request",
      "the account has several jobs with this very request, and not all of them are in this journal"
    )
    const answered = new Set(exact.map(({ entry }) => entry))
    const taken = new Set(
      exact.flatMap(({ candidates, outcome }) => (outcome === "found" ? candidates.map(Redacted.value) : []))
    )
    const alike = assign(
      entries.filter((entry) => !answered.has(entry) && !contested.includes(entry)),
      candidates.filter(({ id }) => !taken.has(id)),
      mayBe,
      options.keysAreOurs === true ? "the account has a job like it that no journal knows" : undefined,
      "the account has jobs like it that no journal knows, and the server does not tell all that was asked for"
    )
    const all = new Map([...exact, ...alike].map((finding) => [finding.entry, finding]))
    return entries.map((entry): Finding => {
      if (contested.includes(entry)) return open(entry, "a request like it is being submitted right now", true)
      const found = all.get(entry)
      if (found !== undefined) return found
      if (ageOf(entry, now) > serverRemembers) return open(entry, "the server would have forgotten it by now")
      const reason = "the account has no job that could be it"
      return { entry, isPassing: false, outcome: "absent", reason, candidates: [] }
    })
  }).pipe(
    withApiKey(apiKey),
    Effect.catchAll((error) =>
      Effect.succeed(entries.map((entry) => open(entry, `the account could not be asked: ${error._tag}`, true)))
    )
  )

export const lookFor = (lost: ReadonlyArray<Entry>, options: RecoverOptions) =>
  Effect.gen(function* () {
    if (lost.length === 0) return []
    const client = yield* HordeClient
    const keys = [yield* client.apiKey, ...(options.apiKeys ?? [])]
    const keyOf = (entry: Entry) => keys.find((key) => isUnder(entry, key))
    const findable = lost.filter((entry) => entry.account.kind === "personal" && entry.job === "image" && keyOf(entry))
    const findings = lost.flatMap((entry): ReadonlyArray<Finding> => {
      if (findable.includes(entry)) return []
      if (entry.account.kind === "anonymous") return [open(entry, "the anonymous account does not list its jobs")]
      if (entry.account.kind === "shared") return [open(entry, "no list has the jobs of a shared key")]
      return [open(entry, "the API key that it was submitted under is not at hand")]
    })
    if (findable.length === 0) return findings
    const keysOfLost = new Set(lost.map(({ key }) => key))
    const look = (entries: ReadonlyArray<Entry>, given: ReadonlyArray<Redacted.Redacted> = []) =>
      Effect.map(
        Effect.forEach([...new Set(entries.map(keyOf))], (key) =>
          key === undefined
            ? Effect.succeed([])
            : lookUnder(
                key,
                entries.filter((entry) => keyOf(entry) === key),
                keysOfLost,
                given,
                options
              )
        ),
        (found) => found.flat()
      )
    yield* Effect.sleep(listIsFresh)
    const first = yield* look(findable)
    // what is not there may still come, from a server that is slow to accept: such a one is looked for once more
    const now = yield* Clock.currentTimeMillis
    const missing = first.filter(({ outcome }) => outcome === "absent").map(({ entry }) => entry)
    const wait = Math.max(...missing.map((entry) => mayArriveFor + listIsFresh - ageOf(entry, now)))
    if (wait <= 0) return [...findings, ...first]
    // the list that was just asked for stands for half a minute more
    yield* Effect.sleep(Math.min(Math.max(wait, listIsFresh), mayArriveFor + listIsFresh))
    const rest = first.filter(({ entry }) => !missing.includes(entry))
    const given = rest.flatMap(({ candidates, outcome }) => (outcome === "found" ? candidates : []))
    return [...findings, ...rest, ...(yield* look(missing, given))]
  })
