/**
 * Looks for jobs whose submit was never answered. The account's own list has every job of it, and newer servers tell
 * what was asked for: so the right one can be told, and a wrong one is not touched.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { HordeClient, withApiKey } from "../../HordeClient.js"
import { type Entry, type EntryKey, JobJournal } from "../../JobJournal.js"
import type { JobKind } from "../../JobKind.js"
import { isJobId } from "../call/pathSegment.js"
import { FollowUp } from "../jobs/followUpService.js"
import { ageOf, isPromptOf, isRequestOf, isUnder } from "../journal/entry.js"
import { serverForgetsAfter } from "../limits/serverTimes.js"
import type { LostAnswer, RecoverOptions } from "./models.js"

/** The server's list may be half a minute old. */
const listIsFresh = 31_000

/**
 * How long after it was sent a request may still be accepted, all in milliseconds: the 90 seconds for which a submit
 * waits for its answer by default, and some more for a server that goes on after its client gave up.
 */
const mayArriveFor = 2 * 60_000

/** How long a submit of another program may be under way, repeats and time-outs included. */
const underWayFor = 5 * 60_000

const askedAtOnce = 4

export interface Finding {
  readonly entry: Entry
  /** Whether it may come out otherwise the next time. */
  readonly isPassing: boolean
  readonly outcome: LostAnswer["outcome"]
  readonly reason: string
  readonly candidates: ReadonlyArray<Redacted.Redacted>
  /** What the journal is to keep of it. */
  readonly search?: NonNullable<Entry["search"]>
}

type Options<K> = Pick<RecoverOptions<never, K>, "kinds" | "apiKeys" | "keysAreOurs">

const open = (entry: Entry, reason: string, isPassing = false): Finding => ({
  entry,
  isPassing,
  outcome: "open",
  reason,
  candidates: []
})

/** How many results a job was asked for, as far as its counts say: at least so many once it has ended. */
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
const inspect = <K>({ request, view }: JobKind<K>, id: string) =>
  Effect.gen(function* () {
    const reported = yield* Effect.either(request(id))
    if (Either.isRight(reported) && reported.right.prompt !== undefined) {
      return { id, request: reported.right, size: undefined, isKnown: true }
    }
    // the results that a faulted job has lost are in none of its counts
    const size = yield* Effect.map(view(id), ({ finished, isFaulted, processing, waiting }) => ({
      results: finished + processing + waiting,
      isAtLeast: isFaulted || processing + waiting === 0
    }))
    // a server that does not tell refuses to, or does not know the path; one that was not reached may tell the next time
    const isKnown = Either.isRight(reported) || !reported.left.isRetryable || reported.left.status === 404
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

const lookUnder = <K>(
  kind: JobKind<K>,
  apiKey: Redacted.Redacted,
  entries: ReadonlyArray<Entry>,
  lost: ReadonlySet<EntryKey>,
  given: ReadonlyArray<Redacted.Redacted>,
  options: Options<K>
) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const listed = yield* kind.ids
    // read after the list: what was submitted meanwhile is known here, and not a candidate
    const written = yield* journal.entries
    const inJournal = written.flatMap(({ id }) => (id === undefined ? [] : [id]))
    const known = new Set([...inJournal, ...given].map(Redacted.value))
    const unknown = listed.filter((id) => isJobId(id) && !known.has(id))
    const candidates = (yield* Effect.forEach(unknown, (id) => inspect(kind, id), {
      concurrency: askedAtOnce
    })).flatMap(Option.toArray)

    // of a submit that is under way the server may have the job, and this side no answer yet
    const now = yield* Clock.currentTimeMillis
    const tracked = yield* (yield* FollowUp).tracked
    const underWay = yield* Effect.filter(written, (entry) =>
      entry.state === "intent" && !lost.has(entry.key) && isUnder(entry, apiKey)
        ? Effect.map(journal.holds(entry.key), (isOurs) =>
            isOurs ? tracked.has(entry.key) : ageOf(entry, now) < underWayFor
          )
        : Effect.succeed(false)
    )
    const isContested = (candidate: Candidate) => underWay.some((entry) => mayBe(entry, candidate))
    const contested = entries.filter((entry) =>
      candidates.some((candidate) => isContested(candidate) && mayBe(entry, candidate))
    )

    const exact = assign(
      entries.filter((entry) => !contested.includes(entry)),
      candidates,
      (entry, { request }) => request !== undefined && isRequestOf(entry, request, kind.starts.request),
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
      if (ageOf(entry, now) > serverForgetsAfter) return open(entry, "the server would have forgotten it by now")
      const reason = "the account has no job that could be it"
      return { entry, isPassing: false, outcome: "absent", reason, candidates: [] }
    })
  }).pipe(
    withApiKey(apiKey),
    Effect.catchAll((error) =>
      Effect.succeed(entries.map((entry) => open(entry, `the account could not be asked: ${error._tag}`, true)))
    )
  )

/** Searches under one key, and once more for what may have arrived late. */
const searchUnder = <K>(
  kind: JobKind<K>,
  apiKey: Redacted.Redacted,
  entries: ReadonlyArray<Entry>,
  lost: ReadonlySet<EntryKey>,
  options: Options<K>
) =>
  Effect.gen(function* () {
    yield* Effect.sleep(listIsFresh)
    const first = yield* lookUnder(kind, apiKey, entries, lost, [], options)
    const now = yield* Clock.currentTimeMillis
    const missing = first.filter(({ outcome }) => outcome === "absent").map(({ entry }) => entry)
    const wait = Math.max(...missing.map((entry) => mayArriveFor + listIsFresh - ageOf(entry, now)))
    if (wait <= 0) return first
    // the list that was just asked for stands for half a minute more; a wall clock that was set back delays no longer
    yield* Effect.sleep(Math.min(Math.max(wait, listIsFresh), mayArriveFor + listIsFresh))
    const rest = first.filter(({ entry }) => !missing.includes(entry))
    const given = rest.flatMap(({ candidates, outcome }) => (outcome === "found" ? candidates : []))
    return [...rest, ...(yield* lookUnder(kind, apiKey, missing, lost, given, options))]
  }).pipe(
    Effect.map((findings) =>
      findings.map((finding): Finding => {
        const { candidates, isPassing, outcome, reason } = finding
        return isPassing || outcome === "found" || outcome === "absent"
          ? finding
          : { ...finding, search: { outcome, reason, candidates, keysAreOurs: options.keysAreOurs === true } }
      })
    )
  )

/** What an earlier search came to, unless more can be concluded now. */
const earlier = (entry: Entry, options: { readonly keysAreOurs?: boolean }): Finding | undefined => {
  const { search } = entry
  if (search === undefined || (options.keysAreOurs === true && !search.keysAreOurs)) return undefined
  const candidates = search.candidates.filter((id) => isJobId(Redacted.value(id)))
  return { entry, isPassing: false, outcome: search.outcome, reason: search.reason, candidates }
}

/** What is known of an entry without a search, unless it can be searched for. */
const unsearchable = (entry: Entry, apiKey: Redacted.Redacted | undefined): Finding | undefined => {
  if (entry.account.kind === "anonymous") return open(entry, "the anonymous account does not list its jobs")
  if (entry.account.kind === "shared") return open(entry, "no list has the jobs of a shared key")
  if (apiKey === undefined) return open(entry, "the API key that it was submitted under is not at hand")
  return undefined
}

/** The entries of one kind that were submitted under one key: they are searched for together, as they may be the same jobs. */
interface Group<K> {
  readonly kind: JobKind<K>
  readonly apiKey: Redacted.Redacted
  readonly entries: Array<Entry>
}

/** Finds out of each entry what became of it. It takes no time unless there is one that was not searched for before. */
export const lookFor = <K>(lost: ReadonlyArray<Entry>, options: Options<K>) =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const keys = [yield* client.apiKey, ...(options.apiKeys ?? [])]
    const known: Array<Finding> = []
    const groups: Array<Group<K>> = []
    for (const entry of lost) {
      const apiKey = keys.find((key) => isUnder(entry, key))
      const kind = options.kinds.find(({ starts }) => starts.job === entry.job)
      const finding = unsearchable(entry, apiKey)
      if (finding !== undefined) known.push(finding)
      else if (kind === undefined) known.push(open(entry, `the recovery was given no kind for ${entry.job} jobs`))
      else if (apiKey !== undefined) {
        const group = groups.find((group) => group.kind === kind && group.apiKey === apiKey)
        if (group === undefined) groups.push({ kind, apiKey, entries: [entry] })
        else group.entries.push(entry)
      }
    }
    const keysOfLost = new Set(lost.map(({ key }) => key))
    const searched = yield* Effect.forEach(
      groups,
      ({ apiKey, entries, kind }) => {
        const before = entries.flatMap((entry) => earlier(entry, options) ?? [])
        return before.length === entries.length
          ? Effect.succeed(before)
          : searchUnder(kind, apiKey, entries, keysOfLost, options)
      },
      { concurrency: "unbounded" }
    )
    return [...known, ...searched.flat()]
  })
