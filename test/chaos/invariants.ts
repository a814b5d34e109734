/** What must hold after every run, by the server's own record, by what lies on the disk, and by what programs were told. */
import type { HordeServer } from "@effect-horde/server"
import { Duration } from "effect"
import type { Ledger } from "./ledger.js"
import type { Scenario } from "./scenario.js"

export interface Outcome {
  readonly scenario: Pick<Scenario, "isCalm" | "account" | "exposesRequests" | "policy" | "faults" | "takes">
  /** By how many milliseconds the server's times may be off, where they are real. */
  readonly jitter: number
  readonly ledger: Ledger
  readonly exchanges: ReadonlyArray<HordeServer.Exchange>
  readonly jobs: ReadonlyArray<HordeServer.JobRecord>
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
  (method: string, path: string) =>
  (exchange: HordeServer.Exchange): boolean =>
    exchange.method === method && exchange.route === path

const isCancel = isOn("DELETE", "/v2/generate/status/:id")
const isFetch = isOn("GET", "/v2/generate/status/:id")
const isLook = isOn("GET", "/v2/generate/check/:id")
const isSearch = isOn("GET", "/v2/generate/request/:id")

const cancelsIn = (exchanges: Outcome["exchanges"]) => exchanges.filter(isCancel)

const isAlive = ({ state }: HordeServer.JobRecord) => state === "waiting" || state === "processing"

/** Whether nobody can know of a job: its answer was lost, and the server cannot be asked. */
const isBeyondReach = ({ account, exposesRequests }: Outcome["scenario"]) => account === "anonymous" || !exposesRequests

/** The submits of which a program was told that their jobs may be running. */
const reportedIn = (ledger: Ledger): ReadonlySet<string | undefined> =>
  new Set(
    ledger
      .lastReports()
      .filter(({ outcome }) => outcome === "open" || outcome === "probable")
      .map(({ tag }) => tag)
  )

const noJobIsLeft: Check = ({ jobs, ledger, scenario }) => {
  const reported = reportedIn(ledger)
  const alive = jobs.filter(isAlive)
  if (!isBeyondReach(scenario)) return alive.map(({ prompt }) => `${prompt} is alive, and nobody owns it`)
  return alive.flatMap(({ prompt }) => (reported.has(prompt) ? [] : [`${prompt} is alive, and nobody said so`]))
}

/** Whether a program got all that a job has to give. A stream looks as the pictures arrive: only its end is the end. */
const gotAll = (ledger: Ledger, prompt: string, exchange: HordeServer.Exchange): boolean => {
  if (!isFetch(exchange) || !isSuccess(exchange)) return false
  const asked = ledger.tasks.get(prompt)
  const isPart = asked?.task.kind === "stream" && asked.program === programOf(exchange)
  if (!isPart) return true
  const end = ledger.ends.get(prompt)
  return end !== undefined && end !== "interrupted"
}

/** The most that a scripted fault makes a request late, in milliseconds. */
const lateBy = ({ faults }: Outcome["scenario"]): number =>
  faults
    .flatMap((rule) => (rule._tag === "RequestRule" && rule.action._tag === "Latency" ? [rule.action.duration] : []))
    .reduce<number>((sum, duration) => sum + Duration.toMillis(duration), 0)

/** Workers finish what nobody wants any more. So it is not enough that no job is alive: somebody saw each to its end. */
const nobodyWalksAway: Check = ({ exchanges, jobs, ledger, scenario }) => {
  const reported = isBeyondReach(scenario) ? reportedIn(ledger) : new Set()
  const about = grouped(exchanges, ({ requestId }) => requestId)
  return jobs.flatMap(({ createdAt, finished, id, prompt, state }) => {
    // who does not want the pictures has nothing to do about a job that he saw was over; before this time it was not
    const asked = ledger.tasks.get(prompt)
    const overAt =
      asked?.task.kind === "save" ? Number.POSITIVE_INFINITY : createdAt + scenario.takes - lateBy(scenario)
    const hasNothing = state === "faulted" || (state === "short" && finished === 0)
    const sawItsEnd = (look: HordeServer.Exchange): boolean =>
      isLook(look) && isSuccess(look) && (hasNothing || (programOf(look) === asked?.program && look.at >= overAt))
    if (state === "expired" || reported.has(prompt) || ledger.left.has(id)) return []
    const isSeenTo = (exchange: HordeServer.Exchange): boolean =>
      (isCancel(exchange) && exchange.status !== undefined && exchange.status < 300) ||
      gotAll(ledger, prompt, exchange) ||
      sawItsEnd(exchange)
    return about.get(id)?.some(isSeenTo) === true ? [] : [`${prompt} is ${state}, and everybody walked away from it`]
  })
}

/** A submit that nobody answered is looked for, and what is found out about it is said. */
const noLostAnswerIsForgotten: Check = ({ exchanges, jobs, ledger }) => {
  const told = new Set(ledger.lost.map(({ tag }) => tag))
  const found = new Set(exchanges.filter((one) => isSearch(one) && isSuccess(one)).map(({ requestId }) => requestId))
  return [...ledger.sent.values()].flatMap(({ isRefused, status, tag }) => {
    if (isRefused || status !== undefined || told.has(tag)) return []
    // who is gone in the moment in which he found it says nothing, and the job is an owned one from then on
    const isFound = jobs.some(({ id, prompt }) => prompt === tag && found.has(id))
    return isFound ? [] : [`the submit of ${tag} was not answered, and nobody said what became of it`]
  })
}

const whatIsReportedIsLost: Check = ({ jobs, ledger, scenario }) => {
  // what the server itself has forgotten is not there
  const known = new Set(jobs.flatMap(({ prompt, state }) => (state === "expired" ? [] : [prompt])))
  return ledger.lastReports().flatMap(({ outcome, reason, tag }) => {
    const where = `the report of ${tag}: ${outcome}, ${reason}`
    if (tag === undefined) return [`${where}: it belongs to no submit`]
    const answered = ledger.sentFor(tag).some(({ status }) => status === 202)
    const wasTold = ledger.ends.get(tag)
    if (answered && wasTold === "done") return [`${where}: its program had the job`]
    if (outcome === "absent" && known.has(tag)) return [`${where}: the server has it`]
    return !isBeyondReach(scenario) && outcome !== "found" && outcome !== "absent" ? [where] : []
  })
}

const nothingIsSubmittedTwice: Check = ({ jobs, ledger }) => [
  ...[...grouped(jobs, ({ prompt }) => prompt)].flatMap(([tag, all]) =>
    all.length > 1 ? [`${tag} was submitted ${all.length} times`] : []
  ),
  ...jobs.flatMap(({ prompt }) => (ledger.tasks.has(prompt) ? [] : [`nobody asked for ${prompt}`])),
  ...[...grouped([...ledger.sent.values()], ({ tag }) => tag)].flatMap(([tag, all]) => {
    const early = all.slice(0, -1).filter(({ isRefused, status }) => !isRefused && status !== 429)
    return early.length > 0 ? [`${tag} was sent again after ${early.map(({ status }) => status)}`] : []
  })
]

const whatIsAskedForIsSubmitted: Check = ({ jobs, ledger }) => {
  const known = new Set(jobs.map(({ prompt }) => prompt))
  return [...ledger.ends].flatMap(([tag, end]) => {
    if (end === "done" && !known.has(tag)) return [`${tag} is done, and the server never saw it`]
    const wasAnswered = ledger.sentFor(tag).some(({ status }) => status === 202)
    return wasAnswered && !known.has(tag) ? [`${tag} was accepted, and the server never saw it`] : []
  })
}

/** A picture of the embedded horde says itself how long it is. */
export const isWhole = (bytes: Uint8Array): boolean =>
  bytes.length > 12 &&
  new TextDecoder("latin1").decode(bytes.subarray(0, 4)) === "RIFF" &&
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) === bytes.length - 8

const filesAreWhole: Check = ({ files, jobs, ledger }) => {
  const generations = new Set(jobs.flatMap(({ generations }) => generations))
  const named = [...files].filter(([name]) => !name.endsWith(".part"))
  return [
    ...ledger.torn.map(({ name, program }) => `${name} was torn when ${program} was over`),
    ...named.flatMap(([name, bytes]) => (isWhole(bytes) ? [] : [`${name} is torn`])),
    ...named.flatMap(([name]) => (generations.has(name.replace(/\.\w+$/, "")) ? [] : [`${name} is of no generation`]))
  ]
}

/** Whether the pictures of a job were made useless on purpose. */
const isSpoilt = ({ faults }: Outcome["scenario"], { id, n, prompt }: HordeServer.JobRecord): boolean =>
  faults.some((rule) => {
    if (rule._tag !== "JobRule") return false
    const { match, trouble } = rule
    const spoils =
      trouble._tag === "UnavailableImage" ||
      trouble._tag === "BrokenImage" ||
      (trouble._tag === "ExpiredLink" && trouble.times === undefined)
    if (!spoils) return false
    return typeof match === "string" ? match === prompt : match({ id, prompt, models: [], n, account: "" })
  })

/** Whether all of a job had to be saved: somebody was told that it is, or nobody could be told that it cannot be. */
const hadToBeSaved = ({ ledger, scenario }: Outcome, job: HordeServer.JobRecord): boolean => {
  const { id, prompt } = job
  if (ledger.recovered.get(id) === "done") return true
  if (ledger.tasks.get(prompt)?.task.kind !== "save") return false
  if (ledger.ends.get(prompt) === "done") return true
  // whatever its programs were told meanwhile: whoever came later had to take it up
  return scenario.policy === "resume" && !isBeyondReach(scenario) && !isSpoilt(scenario, job)
}

const allIsSaved: Check = (outcome) => {
  const saved = new Set([...outcome.files.keys()].map((name) => name.replace(/\.\w+$/, "")))
  // whoever takes a job over and ends before it does cancels it, as all that is his
  const cancelled = new Set(cancelsIn(outcome.exchanges).map(({ requestId }) => requestId))
  return outcome.jobs
    .filter((job) => job.state === "finished" && !cancelled.has(job.id) && hadToBeSaved(outcome, job))
    .flatMap(({ generations, prompt }) =>
      generations.flatMap((id) => (saved.has(id) ? [] : [`${prompt}: its picture ${id} is not there`]))
    )
}

const isKilled = (ledger: Ledger, exchange: HordeServer.Exchange): boolean =>
  ledger.lives.get(programOf(exchange))?.isKilled === true

/**
 * How long a program may take to write down that a cancel succeeded, in milliseconds. Where the times are real it may be
 * starved for longer by a busy machine, before it is killed: there it counts only what it has written.
 */
const timeToWrite = ({ jitter }: Outcome): number => (jitter === 0 ? 3000 : Number.POSITIVE_INFINITY)

const noCancelAfterSuccess: Check = (outcome) =>
  [...grouped(cancelsIn(outcome.exchanges), ({ requestId }) => requestId)].flatMap(([id, cancels]) => {
    const { ledger } = outcome
    const isExcused = (done: HordeServer.Exchange): boolean => {
      // killed, or at the end of its drain, before it could write that down
      if (ledger.cancelsWritten.get(id)?.has(programOf(done)) === true) return false
      const endedAt = ledger.lives.get(programOf(done))?.endedAt
      return endedAt !== undefined && endedAt - done.at <= timeToWrite(outcome)
    }
    const first = cancels.findIndex(isSuccess)
    const done = cancels[first]
    if (done === undefined) return []
    const later = cancels.slice(first + 1)
    const wrong = isExcused(done) ? later.filter((cancel) => programOf(cancel) === programOf(done)) : later
    return wrong.length > 0 ? [`${id} was cancelled again, by ${wrong.map(programOf)}`] : []
  })

const calmCancels: Check = ({ exchanges, jobs, ledger, scenario }) => {
  if (!scenario.isCalm) return []
  const cancelsOf = grouped(cancelsIn(exchanges), ({ requestId }) => requestId)
  return jobs.flatMap(({ id, prompt }) => {
    const cancels = cancelsOf.get(id) ?? []
    // whoever follows a job fetches its results once it is over; only the raw calls look before
    const isRaw = ledger.tasks.get(prompt)?.task.kind === "raw"
    const fetch = exchanges.findIndex((one) => one.requestId === id && !isRaw && gotAll(ledger, prompt, one))
    const isTooLate = (cancel: HordeServer.Exchange) => fetch >= 0 && exchanges.indexOf(cancel) > fetch
    const isRepeated = cancels.length > 1 && !cancels.some((cancel) => isKilled(ledger, cancel))
    return [
      ...(isRepeated ? [`${id} was cancelled ${cancels.length} times in calm weather`] : []),
      ...(cancels.some(isTooLate) ? [`${id} was cancelled although it was over`] : [])
    ]
  })
}

/** Only the dead lose their jobs to others. */
const nobodyIsRobbed: Check = ({ exchanges, jobs, ledger }) => {
  const ownerOf = new Map(jobs.map(({ id, prompt }) => [id, ledger.tasks.get(prompt)?.program]))
  return cancelsIn(exchanges).flatMap((cancel) => {
    const owner = ownerOf.get(cancel.requestId ?? "")
    const life = owner === undefined ? undefined : ledger.lives.get(owner)
    if (life === undefined || programOf(cancel) === owner) return []
    const isAlive = life.endedAt === undefined || cancel.at < life.endedAt
    return isAlive ? [`${programOf(cancel)} cancelled a job of ${owner}, who was alive`] : []
  })
}

const notTooFast: Check = ({ exchanges, jitter }) => {
  // the record is in the order of the answers
  const checks = exchanges.filter(isLook).sort((one, other) => one.at - other.at)
  return [...grouped(checks, ({ requestId }) => requestId)].flatMap(([id, all]) =>
    all.flatMap((check, index) => {
      const before = all[index - 1]
      return before !== undefined && check.at - before.at < 1000 - jitter
        ? [
            `${id} was looked at twice within ${check.at - before.at} ms, by ${programOf(before)} and ${programOf(check)}`
          ]
        : []
    })
  )
}

const notLimited: Check = ({ ledger }) =>
  ledger.limited.flatMap(({ at, isSubmit, program }) => {
    const life = ledger.lives.get(program)
    if (life === undefined || at - life.startedAt <= 60_000) return []
    // submits are counted by key, which all have in common; none knows what the others sent in this second
    const isShared = [...ledger.lives.values()].some(
      (other) => other !== life && other.startedAt <= at && (other.endedAt ?? at) > at - 1000
    )
    return isSubmit && isShared ? [] : [`${program} ran into the limiter`]
  })

const everybodyEnds: Check = ({ ledger }) =>
  [...ledger.lives.values()].flatMap(({ endedAt, program }) =>
    endedAt === undefined ? [`${program} has not come to its end`] : []
  )

const checks: ReadonlyArray<Check> = [
  noJobIsLeft,
  nobodyWalksAway,
  noLostAnswerIsForgotten,
  whatIsReportedIsLost,
  nothingIsSubmittedTwice,
  whatIsAskedForIsSubmitted,
  filesAreWhole,
  allIsSaved,
  noCancelAfterSuccess,
  calmCancels,
  nobodyIsRobbed,
  notTooFast,
  notLimited,
  everybodyEnds
]

/** What does not hold, in words; nothing where all does. */
export const violations = (outcome: Outcome): ReadonlyArray<string> => checks.flatMap((check) => check(outcome))
