/**
 * What must hold after every run, by the server's own record, the files on the disk and the results that the programs
 * got.
 */
import type { HordeServer } from "@effect-horde/server"
import { Duration } from "effect"
import type { TaggedJob } from "./jobTags.js"
import type { Ledger } from "./ledger.js"
import type { Scenario } from "./scenario.js"
import { workerViolations } from "./workerInvariants.js"
import type { WorkerLedger } from "./workerLedger.js"

export interface Outcome {
  readonly scenario: Pick<Scenario, "isFaultless" | "account" | "exposesRequests" | "policy" | "faults" | "takes">
  /** By how many milliseconds the server's times may be off, where they are real. */
  readonly jitter: number
  readonly ledger: Ledger
  readonly workers: WorkerLedger
  readonly exchanges: ReadonlyArray<HordeServer.Exchange>
  readonly jobs: ReadonlyArray<TaggedJob>
  /** The files in the folder of the pictures, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

type Check = (outcome: Outcome) => ReadonlyArray<string>

const isSuccess = ({ delivered, status }: HordeServer.Exchange): boolean =>
  status !== undefined && status >= 200 && status < 300 && delivered === "whole"

const programOf = ({ headers }: HordeServer.Exchange): string => headers["x-program"] ?? ""

const grouped = <A>(
  all: ReadonlyArray<A>,
  keyOf: (one: A) => string | undefined
): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const one of all) {
    const key = keyOf(one)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}

const isOn =
  (method: string, ...paths: ReadonlyArray<string>) =>
  ({ method: called, route = "" }: HordeServer.Exchange): boolean =>
    called === method && paths.includes(route)

const isCancel = isOn("DELETE", "/v2/generate/status/:id", "/v2/generate/text/status/:id", "/v2/interrogate/status/:id")
const isFetch = isOn("GET", "/v2/generate/status/:id")
const isImagePoll = isOn("GET", "/v2/generate/check/:id")
/** The state of a text or alchemy job and its results are one reply. */
const isPollWithResults = isOn("GET", "/v2/generate/text/status/:id", "/v2/interrogate/status/:id")
const isPoll = (exchange: HordeServer.Exchange): boolean => isImagePoll(exchange) || isPollWithResults(exchange)
const isSearch = isOn("GET", "/v2/generate/request/:id", "/v2/generate/text/request/:id")

const cancelsIn = (exchanges: Outcome["exchanges"]) => exchanges.filter(isCancel)

const isAlive = ({ state }: TaggedJob) => state === "waiting" || state === "processing"

/**
 * Whether a job cannot be found: its reply was lost, and the server cannot be asked. It lists no alchemy jobs, so that
 * a program can only report them.
 */
const isUnsearchable = ({ account, exposesRequests }: Outcome["scenario"], kind: TaggedJob["kind"]) =>
  kind === "alchemy" || account === "anonymous" || !exposesRequests

/** The submits for which a program got a report that their jobs may be running. */
const reportedIn = (ledger: Ledger): ReadonlySet<string | undefined> =>
  new Set(
    ledger
      .lastReports()
      .filter(({ outcome }) => outcome === "open" || outcome === "probable")
      .map(({ tag }) => tag)
  )

const noOwnerlessJobs: Check = ({ jobs, ledger, scenario }) => {
  const reported = reportedIn(ledger)
  return jobs.filter(isAlive).flatMap(({ kind, tag }) => {
    if (!isUnsearchable(scenario, kind)) return [`${tag} is alive and has no owner`]
    return reported.has(tag) ? [] : [`${tag} is alive and was not reported`]
  })
}

/** Whether a program got all results of a job. A stream fetches pictures as they arrive: only its end counts. */
const gotAll = (ledger: Ledger, tag: string, exchange: HordeServer.Exchange): boolean => {
  if (!isFetch(exchange) || !isSuccess(exchange)) return false
  const asked = ledger.tasks.get(tag)
  const isPart = asked?.task.kind === "stream" && asked.program === programOf(exchange)
  if (!isPart) return true
  const end = ledger.ends.get(tag)
  return end !== undefined && end !== "interrupted"
}

/** Whether the program of a text or alchemy job got all of its results. */
const gotResults = ({ ends, tasks }: Ledger, tag: string): boolean => {
  const kind = tasks.get(tag)?.task.kind ?? "raw"
  return ["save", "stream", "time out"].includes(kind) && ends.get(tag) === "done"
}

/** The longest delay of a request by scripted faults, in milliseconds. */
const longestDelay = ({ faults }: Outcome["scenario"]): number =>
  faults
    .flatMap((rule) => (rule._tag === "RequestRule" && rule.action._tag === "Latency" ? [rule.action.duration] : []))
    .reduce<number>((sum, duration) => sum + Duration.toMillis(duration), 0)

/** Workers finish abandoned jobs too. So it is not enough that no job is alive: a program has seen the end of each. */
const noAbandonedJobs: Check = ({ exchanges, jobs, ledger, scenario }) => {
  const reported = reportedIn(ledger)
  const about = grouped(exchanges, ({ requestId }) => requestId)
  return jobs.flatMap(({ createdAt, finished, id, kind, tag, state }) => {
    // a program that does not need the pictures has nothing to do for a job that it saw was over; before this time it
    // was not
    const asked = ledger.tasks.get(tag)
    const isKilled = ledger.lives.get(asked?.program ?? "")?.isKilled === true
    // the policy `cancel` leaves a dead program's jobs that are over; the recovery may be killed before it reports that
    const isUnwanted = isKilled && scenario.policy === "cancel"
    const needsFetch = kind === "image" && asked?.task.kind === "save" && !isUnwanted
    const overAt = needsFetch ? Number.POSITIVE_INFINITY : createdAt + scenario.takes - longestDelay(scenario)
    const hasNothing = state === "faulted" || (state === "short" && finished === 0)
    const checksItsEnd = (exchange: HordeServer.Exchange): boolean =>
      isPoll(exchange) &&
      isSuccess(exchange) &&
      (hasNothing || ((kind !== "image" || programOf(exchange) === asked?.program) && exchange.at >= overAt))
    if (state === "expired" || ledger.left.has(id)) return []
    if (isUnsearchable(scenario, kind) && reported.has(tag)) return []
    const isReceived = kind !== "image" && gotResults(ledger, tag)
    const seesItsEnd = (exchange: HordeServer.Exchange): boolean =>
      (isCancel(exchange) && exchange.status !== undefined && exchange.status < 300) ||
      gotAll(ledger, tag, exchange) ||
      checksItsEnd(exchange)
    return isReceived || about.get(id)?.some(seesItsEnd) === true
      ? []
      : [`${tag} is ${state} and was abandoned before its end`]
  })
}

/** Recovery searches for each submit without a reply and reports the result. */
const lostSubmitsAreReported: Check = ({ exchanges, jobs, ledger }) => {
  const reported = new Set(ledger.lost.map(({ tag }) => tag))
  const found = new Set(exchanges.filter((one) => isSearch(one) && isSuccess(one)).map(({ requestId }) => requestId))
  return [...ledger.sent.values()].flatMap(({ isRefused, status, tag }) => {
    if (isRefused || status !== undefined || reported.has(tag)) return []
    // a program that ends just after it found the job reports nothing, and from then on the job has an owner
    const isFound = jobs.some((job) => job.tag === tag && found.has(job.id))
    return isFound ? [] : [`the submit of ${tag} got no reply and was not reported`]
  })
}

const reportsAreTrue: Check = ({ jobs, ledger, scenario }) => {
  // jobs that the server itself has forgotten are absent
  const known = new Set(jobs.flatMap(({ tag, state }) => (state === "expired" ? [] : [tag])))
  return ledger.lastReports().flatMap(({ outcome, reason, tag }) => {
    const where = `the report of ${tag}: ${outcome}, ${reason}`
    if (tag === undefined) return [`${where}: it belongs to no submit`]
    const answered = ledger.sentFor(tag).some(({ status }) => status === 202)
    const end = ledger.ends.get(tag)
    if (answered && end === "done") return [`${where}: its program had the job`]
    if (outcome === "absent" && known.has(tag)) return [`${where}: the server has the job`]
    const kind = ledger.tasks.get(tag)?.task.job
    if (kind === undefined) return [`${where}: it belongs to no task`]
    if (kind === "alchemy" && outcome !== "open") return [`${where}: the server lists no alchemy jobs`]
    return !isUnsearchable(scenario, kind) && outcome !== "found" && outcome !== "absent" ? [where] : []
  })
}

const noRepeatedSubmits: Check = ({ jobs, ledger }) => [
  ...[...grouped(jobs, ({ tag }) => tag)].flatMap(([tag, all]) =>
    all.length > 1 ? [`${tag} was submitted ${all.length} times`] : []
  ),
  ...jobs.flatMap(({ tag }) => (ledger.tasks.has(tag) ? [] : [`${tag} was not requested`])),
  ...[...grouped([...ledger.sent.values()], ({ tag }) => tag)].flatMap(([tag, all]) => {
    const early = all.slice(0, -1).filter(({ isRefused, status }) => !isRefused && status !== 429)
    return early.length > 0 ? [`${tag} was sent again after ${early.map(({ status }) => status)}`] : []
  })
]

const acceptedSubmitsExist: Check = ({ jobs, ledger }) => {
  const known = new Set(jobs.map(({ tag }) => tag))
  return [...ledger.ends].flatMap(([tag, end]) => {
    if (end === "done" && !known.has(tag)) return [`${tag} is done and unknown to the server`]
    const wasAnswered = ledger.sentFor(tag).some(({ status }) => status === 202)
    return wasAnswered && !known.has(tag) ? [`${tag} was accepted and is unknown to the server`] : []
  })
}

/** A picture of the embedded horde contains its own length. */
export const isWhole = (bytes: Uint8Array): boolean =>
  bytes.length > 12 &&
  new TextDecoder("latin1").decode(bytes.subarray(0, 4)) === "RIFF" &&
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) === bytes.length - 8

const filesAreWhole: Check = ({ files, jobs, ledger }) => {
  const generations = new Set(jobs.flatMap(({ generations, kind }) => (kind === "image" ? generations : [])))
  const named = [...files].filter(([name]) => !name.endsWith(".part"))
  return [
    ...ledger.torn.map(({ name, program }) => `${name} was incomplete when ${program} was over`),
    ...named.flatMap(([name, bytes]) => (isWhole(bytes) ? [] : [`${name} is incomplete`])),
    ...named.flatMap(([name]) =>
      generations.has(name.replace(/\.\w+$/, "")) ? [] : [`${name} belongs to no generation`]
    )
  ]
}

/** Whether a fault has made the pictures of a job useless. */
const hasUselessPictures = ({ faults }: Outcome["scenario"], { id, n, prompt }: TaggedJob): boolean =>
  faults.some((rule) => {
    if (rule._tag !== "JobRule") return false
    const { match, trouble } = rule
    const spoils =
      trouble._tag === "UnavailableImage" ||
      trouble._tag === "BrokenImage" ||
      (trouble._tag === "ExpiredLink" && trouble.times === undefined)
    if (!spoils) return false
    return typeof match === "string"
      ? match === prompt
      : match({ id, kind: "image", prompt, models: [], n, account: "" })
  })

/** Whether all pictures of a job had to be saved: a save reported success, or no save could have failed. */
const mustBeSaved = ({ ledger, scenario }: Outcome, job: TaggedJob): boolean => {
  const { id, kind, tag } = job
  if (kind !== "image") return false
  if (ledger.recovered.get(id) === "done") return true
  if (ledger.tasks.get(tag)?.task.kind !== "save") return false
  if (ledger.ends.get(tag) === "done") return true
  // whatever its programs got meanwhile: a later one had to recover it
  return scenario.policy === "resume" && !isUnsearchable(scenario, kind) && !hasUselessPictures(scenario, job)
}

const picturesAreSaved: Check = (outcome) => {
  const saved = new Set([...outcome.files.keys()].map((name) => name.replace(/\.\w+$/, "")))
  // a program that takes a job over and ends before the job is over cancels it, like all of its jobs
  const cancelled = new Set(cancelsIn(outcome.exchanges).map(({ requestId }) => requestId))
  return outcome.jobs
    .filter((job) => job.state === "finished" && !cancelled.has(job.id) && mustBeSaved(outcome, job))
    .flatMap(({ generations, tag }) =>
      generations.flatMap((id) => (saved.has(id) ? [] : [`${tag}: its picture ${id} is missing`]))
    )
}

const isKilled = (ledger: Ledger, exchange: HordeServer.Exchange): boolean =>
  ledger.lives.get(programOf(exchange))?.isKilled === true

/**
 * How long a program may take to write that a cancel succeeded, in milliseconds. With real times a busy machine may
 * delay it for longer before it is killed: then only written records count.
 */
const writeTime = ({ jitter }: Outcome): number => (jitter === 0 ? 3000 : Number.POSITIVE_INFINITY)

const noCancelAfterSuccess: Check = (outcome) =>
  [...grouped(cancelsIn(outcome.exchanges), ({ requestId }) => requestId)].flatMap(([id, cancels]) => {
    const { ledger } = outcome
    const isExcused = (done: HordeServer.Exchange): boolean => {
      // killed, or at the end of its drain, before it could write that
      if (ledger.cancelsWritten.get(id)?.has(programOf(done)) === true) return false
      const endedAt = ledger.lives.get(programOf(done))?.endedAt
      return endedAt !== undefined && endedAt - done.at <= writeTime(outcome)
    }
    const first = cancels.findIndex(isSuccess)
    const done = cancels[first]
    if (done === undefined) return []
    const later = cancels.slice(first + 1)
    const wrong = isExcused(done) ? later.filter((cancel) => programOf(cancel) === programOf(done)) : later
    if (wrong.length === 0) return []
    const again = wrong.map((cancel) => `${cancel.at - done.at} ms later by ${programOf(cancel)}`)
    return [`${id} was cancelled by ${programOf(done)}, and cancelled again ${again.join(", ")}`]
  })

const noNeedlessCancels: Check = ({ exchanges, jobs, ledger, scenario }) => {
  if (!scenario.isFaultless) return []
  const cancelsOf = grouped(cancelsIn(exchanges), ({ requestId }) => requestId)
  return jobs.flatMap(({ id, kind, tag }) => {
    const cancels = cancelsOf.get(id) ?? []
    // a program that tracks a job fetches its results once it is over; only the raw calls poll before
    const isRaw = ledger.tasks.get(tag)?.task.kind === "raw"
    const hasResults = (one: HordeServer.Exchange) =>
      kind === "image" ? gotAll(ledger, tag, one) : isPollWithResults(one) && gotResults(ledger, tag)
    const fetches = exchanges.flatMap((one, index) =>
      one.requestId === id && !isRaw && hasResults(one) ? [index] : []
    )
    // each poll of a text or alchemy job may have all results: only the last one certainly has
    const fetch = (kind === "image" ? fetches[0] : fetches.at(-1)) ?? -1
    const isTooLate = (cancel: HordeServer.Exchange) => fetch >= 0 && exchanges.indexOf(cancel) > fetch
    const isRepeated = cancels.length > 1 && !cancels.some((cancel) => isKilled(ledger, cancel))
    return [
      ...(isRepeated ? [`${id} was cancelled ${cancels.length} times without faults`] : []),
      ...(cancels.some(isTooLate) ? [`${id} was cancelled although it was over`] : [])
    ]
  })
}

/** Only dead programs lose their jobs to others. */
const noLiveOwnerLosesJobs: Check = ({ exchanges, jobs, ledger }) => {
  const ownerOf = new Map(jobs.map(({ id, tag }) => [id, ledger.tasks.get(tag)?.program]))
  return cancelsIn(exchanges).flatMap((cancel) => {
    const owner = ownerOf.get(cancel.requestId ?? "")
    const life = owner === undefined ? undefined : ledger.lives.get(owner)
    if (life === undefined || programOf(cancel) === owner) return []
    const isAlive = life.endedAt === undefined || cancel.at < life.endedAt
    return isAlive ? [`${programOf(cancel)} cancelled a job of ${owner}, which was alive`] : []
  })
}

const pollIntervals: Check = ({ exchanges, jitter }) => {
  // the record is in the order of the replies
  const checks = exchanges.filter(isImagePoll).sort((one, other) => one.at - other.at)
  return [...grouped(checks, ({ requestId }) => requestId)].flatMap(([id, all]) =>
    all.flatMap((check, index) => {
      const before = all[index - 1]
      return before !== undefined && check.at - before.at < 1000 - jitter
        ? [`${id} was polled twice within ${check.at - before.at} ms, by ${programOf(before)} and ${programOf(check)}`]
        : []
    })
  )
}

const noRefusalsByLimiter: Check = ({ ledger }) =>
  ledger.limited.flatMap(({ at, isSubmit, program }) => {
    const life = ledger.lives.get(program)
    if (life === undefined || at - life.startedAt <= 60_000) return []
    // submits are counted by key, which all programs share; none knows of the others' submits in this second
    const isShared = [...ledger.lives.values()].some(
      (other) => other !== life && other.startedAt <= at && (other.endedAt ?? at) > at - 1000
    )
    return isSubmit && isShared ? [] : [`${program} was refused by the limiter`]
  })

const programsEnd: Check = ({ ledger }) =>
  [...ledger.lives.values()].flatMap(({ endedAt, program }) =>
    endedAt === undefined ? [`${program} has not ended`] : []
  )

const checks: ReadonlyArray<Check> = [
  noOwnerlessJobs,
  noAbandonedJobs,
  lostSubmitsAreReported,
  reportsAreTrue,
  noRepeatedSubmits,
  acceptedSubmitsExist,
  filesAreWhole,
  picturesAreSaved,
  noCancelAfterSuccess,
  noNeedlessCancels,
  noLiveOwnerLosesJobs,
  pollIntervals,
  noRefusalsByLimiter,
  programsEnd,
  workerViolations
]

/** Descriptions of all violations; empty if there are none. */
export const violations = (outcome: Outcome): ReadonlyArray<string> => checks.flatMap((check) => check(outcome))
