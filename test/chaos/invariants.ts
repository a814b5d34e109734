/** What must hold after every run, by the server's own record, by what lies on the disk, and by what programs were told. */
import type { HordeServer } from "@effect-horde/server"
import type { Ledger } from "./ledger.js"
import type { Scenario } from "./scenario.js"

export interface Outcome {
  readonly scenario: Pick<Scenario, "isCalm" | "account" | "tellsRequests" | "policy">
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

const cancelsIn = (exchanges: Outcome["exchanges"]) =>
  exchanges.filter(({ method, route }) => method === "DELETE" && route === "/v2/generate/status/:id")

const isAlive = ({ state }: HordeServer.JobRecord) => state === "waiting" || state === "processing"

/** Whether nobody can know of a job: its answer was lost, and the server cannot be asked. */
const isBeyondReach = ({ account, tellsRequests }: Outcome["scenario"]) => account === "anonymous" || !tellsRequests

const noJobIsLeft: Check = ({ jobs, ledger, scenario }) => {
  const reported = new Set(
    ledger
      .lastReports()
      .filter(({ outcome }) => outcome === "open" || outcome === "probable")
      .map(({ tag }) => tag)
  )
  const alive = jobs.filter(isAlive)
  if (!isBeyondReach(scenario)) return alive.map(({ prompt }) => `${prompt} is alive, and nobody owns it`)
  return alive.flatMap(({ prompt }) => (reported.has(prompt) ? [] : [`${prompt} is alive, and nobody said so`]))
}

const whatIsReportedIsLost: Check = ({ ledger, scenario }) =>
  ledger.lastReports().flatMap(({ outcome, reason, tag }) => {
    const where = `the report of ${tag}: ${outcome}, ${reason}`
    if (tag === undefined) return [`${where}: it belongs to no submit`]
    const answered = ledger.sentFor(tag).some(({ status }) => status === 202)
    const wasTold = ledger.ends.get(tag)
    if (answered && wasTold === "done") return [`${where}: its program had the job`]
    return !isBeyondReach(scenario) && outcome !== "found" && outcome !== "absent" ? [where] : []
  })

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

/** Whether all of a job had to be saved: nobody changed his mind, and nothing is wrong with the job itself. */
const hadToBeSaved = ({ ledger, scenario }: Outcome, { id, prompt }: HordeServer.JobRecord): boolean => {
  const asked = ledger.tasks.get(prompt)
  if (asked === undefined) return false
  const recovered = ledger.recovered.get(id)
  if (recovered !== undefined) return recovered === "done"
  if (asked.task.kind !== "save") return false
  const end = ledger.ends.get(prompt)
  if (end !== undefined) return end === "done"
  // its program was killed before it could say: whoever came later had to take it up
  return ledger.lives.get(asked.program)?.isKilled === true && scenario.policy === "resume" && !isBeyondReach(scenario)
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

const noCancelAfterSuccess: Check = ({ exchanges, ledger }) =>
  [...grouped(cancelsIn(exchanges), ({ requestId }) => requestId)].flatMap(([id, cancels]) => {
    const first = cancels.findIndex(isSuccess)
    const done = cancels[first]
    if (done === undefined) return []
    // who is killed when the answer is there has not written it down
    const wasKilled = ledger.lives.get(programOf(done))?.isKilled === true
    const later = cancels.slice(first + 1).filter((cancel) => !wasKilled || programOf(cancel) === programOf(done))
    return later.length > 0 ? [`${id} was cancelled again, by ${later.map(programOf)}`] : []
  })

const calmCancels: Check = ({ exchanges, jobs, ledger, scenario }) => {
  if (!scenario.isCalm) return []
  // whoever follows a job fetches its results once it is over; only the raw calls look before
  const raw = new Set(jobs.flatMap(({ id, prompt }) => (ledger.tasks.get(prompt)?.task.kind === "raw" ? [id] : [])))
  const fetches = exchanges.filter(
    ({ method, requestId, route }) =>
      method === "GET" && route === "/v2/generate/status/:id" && !raw.has(requestId ?? "")
  )
  const wasKilled = [...ledger.lives.values()].some(({ isKilled }) => isKilled)
  return [...grouped(cancelsIn(exchanges), ({ requestId }) => requestId)].flatMap(([id, cancels]) => {
    const fetch = exchanges.findIndex((one) => one.requestId === id && isSuccess(one) && fetches.includes(one))
    const isTooLate = (cancel: HordeServer.Exchange) => fetch >= 0 && exchanges.indexOf(cancel) > fetch
    return [
      ...(cancels.length > 1 && !wasKilled ? [`${id} was cancelled ${cancels.length} times in calm weather`] : []),
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
  const checks = exchanges.filter(({ method, route }) => method === "GET" && route === "/v2/generate/check/:id")
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
  ledger.limited.flatMap(({ at, program }) => {
    const life = ledger.lives.get(program)
    return life !== undefined && at - life.startedAt > 60_000 ? [`${program} ran into the limiter`] : []
  })

const everybodyEnds: Check = ({ ledger }) =>
  [...ledger.lives.values()].flatMap(({ endedAt, program }) =>
    endedAt === undefined ? [`${program} has not come to its end`] : []
  )

const checks: ReadonlyArray<Check> = [
  noJobIsLeft,
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
