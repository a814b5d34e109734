/**
 * Searches for the jobs of submits whose reply was lost. The account's own list has all its jobs, and newer servers
 * report each job's request, so that the right job is identified and no other is changed.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { HordeClient, withApiKey } from "../../HordeClient.js"
import { type Entry, type EntryKey, JobJournal } from "../../JobJournal.js"
import type { JobKind, JobSearch } from "../../JobKind.js"
import type { RequestRule } from "../call/declaration.js"
import { isJobId } from "../call/pathSegment.js"
import { ageOf, isPromptOf, isRequestOf, isUnder } from "../journal/entry.js"
import { serverForgetsAfter } from "../limits/serverTimes.js"
import type { RecoverOptions, UnknownSubmit } from "./models.js"

/** The server caches its list of jobs for up to half a minute. */
const listMaxAge = 31_000

/**
 * How long after sending a submit may still be accepted, in milliseconds: the default deadline of 90 seconds, and a
 * margin for a server that continues after the client disconnected.
 */
const maxAcceptDelay = 2 * 60_000

/** How long a submit of another process may be in flight, retries and deadlines included. */
const maxInFlight = 5 * 60_000

const inspectConcurrency = 4

export interface Finding {
  readonly entry: Entry
  /** Whether a later search may have another outcome. */
  readonly isPassing: boolean
  readonly outcome: UnknownSubmit["outcome"]
  readonly reason: string
  readonly candidates: ReadonlyArray<Redacted.Redacted>
  /** The result that the journal records. */
  readonly search?: NonNullable<Entry["search"]>
}

type Options<K> = Pick<RecoverOptions<never, ReadonlyArray<K>>, "kinds" | "apiKeys" | "exclusiveKeys">

const open = (entry: Entry, reason: string, isPassing = false): Finding => ({
  entry,
  isPassing,
  outcome: "open",
  reason,
  candidates: []
})

/** The number of results that a job was submitted with, by its counts: a lower bound once it has ended. */
interface Size {
  readonly results: number
  readonly isAtLeast: boolean
}

/** A job of the account that is not in the journal. */
interface Candidate {
  readonly id: string
  /** Its request, if the server reports it. */
  readonly request: { readonly [name: string]: unknown } | undefined
  /** Read only if the server does not report the request. */
  readonly size: Size | undefined
  /** Whether the server answered the requests about it. */
  readonly isKnown: boolean
}

/** `None` if the server has deleted the job since it sent the list. */
const inspect = <K>({ request, view }: JobSearch<K>, id: string) =>
  Effect.gen(function* () {
    const reported = yield* Effect.either(request(id))
    if (Either.isRight(reported) && reported.right.prompt !== undefined) {
      return { id, request: reported.right, size: undefined, isKnown: true }
    }
    // the counts of a faulted job do not include its failed results
    const size = yield* Effect.map(view(id), ({ finished, isFaulted, processing, waiting }) => ({
      results: finished + processing + waiting,
      isAtLeast: isFaulted || processing + waiting === 0
    }))
    // a refusal or an unknown path is final; after a failed connection the server may report the request next time
    const isKnown = Either.isRight(reported) || !reported.left.isRetryable || reported.left.status === 404
    return { id, request: undefined, size, isKnown }
  }).pipe(
    Effect.map((candidate): Option.Option<Candidate> => Option.some(candidate)),
    Effect.catchTag("NotFound", () => Effect.succeedNone),
    Effect.orElseSucceed(() => Option.some({ id, request: undefined, size: undefined, isKnown: false }))
  )

/**
 * Assigns candidates to entries. If no more candidates match than entries, each candidate belongs to one of the
 * entries; if more match, some belong to other programs, and the match is not certain.
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

/** Whether the known facts of a candidate are compatible with an entry. */
const mayMatch = (entry: Entry, { request, size }: Candidate): boolean =>
  request === undefined ? size === undefined || fitsIn(entry.expected, size) : isPromptOf(entry, request)

/** A kind whose jobs the server lists. */
type SearchableKind<K> = JobKind<K> & {
  readonly starts: { readonly request: RequestRule }
  readonly search: JobSearch<K>
}

const isSearchable = <K>(kind: JobKind<K>): kind is SearchableKind<K> =>
  kind.search !== undefined && kind.starts.request !== undefined

const searchOnce = <K>(
  kind: SearchableKind<K>,
  apiKey: Redacted.Redacted,
  entries: ReadonlyArray<Entry>,
  unknownKeys: ReadonlySet<EntryKey>,
  given: ReadonlyArray<Redacted.Redacted>,
  options: Options<K>
) =>
  Effect.gen(function* () {
    const journal = yield* JobJournal
    const listed = yield* kind.search.ids
    // read after the list, so that a job submitted meanwhile is in the journal, and no candidate
    const written = yield* journal.entries
    const inJournal = written.flatMap(({ id }) => (id === undefined ? [] : [id]))
    const known = new Set([...inJournal, ...given].map(Redacted.value))
    const unknown = listed.filter((id) => isJobId(id) && !known.has(id))
    const candidates = (yield* Effect.forEach(unknown, (id) => inspect(kind.search, id), {
      concurrency: inspectConcurrency
    })).flatMap(Option.toArray)

    // the server may already list the job of a submit that is still in flight
    const now = yield* Clock.currentTimeMillis
    const tracked = yield* journal.tracked
    const inFlight = yield* Effect.filter(written, (entry) =>
      entry.state === "intent" && !unknownKeys.has(entry.key) && isUnder(entry, apiKey)
        ? Effect.map(journal.holds(entry.key), (isOurs) =>
            isOurs ? tracked.has(entry.key) : ageOf(entry, now) < maxInFlight
          )
        : Effect.succeed(false)
    )
    const isContested = (candidate: Candidate) => inFlight.some((entry) => mayMatch(entry, candidate))
    const contested = entries.filter((entry) =>
      candidates.some((candidate) => isContested(candidate) && mayMatch(entry, candidate))
    )

    const exact = assign(
      entries.filter((entry) => !contested.includes(entry)),
      candidates,
      (entry, { request }) => request !== undefined && isRequestOf(entry, request, kind.starts.request),
      "the account has a job with exactly this request",
      "the account has several jobs with exactly this request, and some of them are not in this journal"
    )
    const answered = new Set(exact.map(({ entry }) => entry))
    const taken = new Set(
      exact.flatMap(({ candidates, outcome }) => (outcome === "found" ? candidates.map(Redacted.value) : []))
    )
    const alike = assign(
      entries.filter((entry) => !answered.has(entry) && !contested.includes(entry)),
      candidates.filter(({ id }) => !taken.has(id)),
      mayMatch,
      options.exclusiveKeys === true ? "the account has a matching job that is not in the journal" : undefined,
      "the account has matching jobs that are not in the journal, and the server does not report the full request"
    )
    const all = new Map([...exact, ...alike].map((finding) => [finding.entry, finding]))
    return entries.map((entry): Finding => {
      if (contested.includes(entry)) return open(entry, "a matching request is being submitted right now", true)
      const found = all.get(entry)
      if (found !== undefined) return found
      if (ageOf(entry, now) > serverForgetsAfter) return open(entry, "the server would have deleted it by now")
      const reason = "the account has no matching job"
      return { entry, isPassing: false, outcome: "absent", reason, candidates: [] }
    })
  }).pipe(
    withApiKey(apiKey),
    Effect.catchAll((error) =>
      Effect.succeed(entries.map((entry) => open(entry, `the account's jobs could not be listed: ${error._tag}`, true)))
    )
  )

/** Searches under one key, and once more for submits that the server may have accepted late. */
const searchUnder = <K>(
  kind: SearchableKind<K>,
  apiKey: Redacted.Redacted,
  entries: ReadonlyArray<Entry>,
  unknownKeys: ReadonlySet<EntryKey>,
  options: Options<K>
) =>
  Effect.gen(function* () {
    yield* Effect.sleep(listMaxAge)
    const first = yield* searchOnce(kind, apiKey, entries, unknownKeys, [], options)
    const now = yield* Clock.currentTimeMillis
    const missing = first.filter(({ outcome }) => outcome === "absent").map(({ entry }) => entry)
    const wait = Math.max(...missing.map((entry) => maxAcceptDelay + listMaxAge - ageOf(entry, now)))
    if (wait <= 0) return first
    // the server may cache the list it just sent for half a minute; the maximum limits a wall clock that was set back
    yield* Effect.sleep(Math.min(Math.max(wait, listMaxAge), maxAcceptDelay + listMaxAge))
    const rest = first.filter(({ entry }) => !missing.includes(entry))
    const given = rest.flatMap(({ candidates, outcome }) => (outcome === "found" ? candidates : []))
    return [...rest, ...(yield* searchOnce(kind, apiKey, missing, unknownKeys, given, options))]
  }).pipe(
    Effect.map((findings) =>
      findings.map((finding): Finding => {
        const { candidates, isPassing, outcome, reason } = finding
        return isPassing || outcome === "found"
          ? finding
          : { ...finding, search: { outcome, reason, candidates, exclusiveKeys: options.exclusiveKeys === true } }
      })
    )
  )

/** The recorded result of an earlier search, unless `exclusiveKeys` now allows a better one. */
const earlierFinding = (entry: Entry, options: { readonly exclusiveKeys?: boolean }): Finding | undefined => {
  const { search } = entry
  if (search === undefined || (options.exclusiveKeys === true && !search.exclusiveKeys)) return undefined
  const candidates = search.candidates.filter((id) => isJobId(Redacted.value(id)))
  return { entry, isPassing: false, outcome: search.outcome, reason: search.reason, candidates }
}

/** The finding for an entry that cannot be searched for; `undefined` if it can. */
const unsearchable = (entry: Entry, apiKey: Redacted.Redacted | undefined): Finding | undefined => {
  if (entry.account.kind === "anonymous") return open(entry, "the anonymous account does not list its jobs")
  if (entry.account.kind === "shared") return open(entry, "the server does not list the jobs of a shared key")
  if (apiKey === undefined) return open(entry, "the API key of the submit was not provided")
  return undefined
}

/** The entries of one kind and one key. They are searched for together, because the same candidates may match. */
interface Group<K> {
  readonly kind: SearchableKind<K>
  readonly apiKey: Redacted.Redacted
  readonly entries: Array<Entry>
}

/** Searches for the job of each entry. Returns at once if every entry has the recorded result of an earlier search. */
export const searchFor = <K>(unknownSubmits: ReadonlyArray<Entry>, options: Options<K>) =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const keys = [yield* client.apiKey, ...(options.apiKeys ?? [])]
    const known: Array<Finding> = []
    const groups: Array<Group<K>> = []
    for (const entry of unknownSubmits) {
      const apiKey = keys.find((key) => isUnder(entry, key))
      const kind = options.kinds.find(({ starts }) => starts.job === entry.job)
      const finding = unsearchable(entry, apiKey)
      if (finding !== undefined) known.push(finding)
      else if (kind === undefined) known.push(open(entry, `the option kinds does not include ${entry.job} jobs`))
      else if (!isSearchable(kind)) known.push(open(entry, `the server does not list ${entry.job} jobs`))
      else if (apiKey !== undefined) {
        const group = groups.find((group) => group.kind === kind && group.apiKey === apiKey)
        if (group === undefined) groups.push({ kind, apiKey, entries: [entry] })
        else group.entries.push(entry)
      }
    }
    const unknownKeys = new Set(unknownSubmits.map(({ key }) => key))
    const searched = yield* Effect.forEach(
      groups,
      ({ apiKey, entries, kind }) => {
        const before = entries.flatMap((entry) => earlierFinding(entry, options) ?? [])
        return before.length === entries.length
          ? Effect.succeed(before)
          : searchUnder(kind, apiKey, entries, unknownKeys, options)
      },
      { concurrency: "unbounded" }
    )
    return [...known, ...searched.flat()]
  })
