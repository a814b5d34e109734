/** The totals of many runs. */
import type { Outcome } from "./invariants.js"
import type { Task } from "./ledger.js"

export type Totals = Readonly<Record<string, number>>

export const add = (one: Totals, other: Totals): Totals => {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

export const totalsOf = ({ exchanges, files, jobs, ledger, workers }: Outcome): Totals => {
  const lives = [...ledger.lives.values()]
  return {
    programs: lives.length,
    killed: lives.filter(({ isKilled }) => isKilled).length,
    ...totalsOfKind("image", jobs, ledger),
    ...totalsOfKind("text", jobs, ledger),
    ...totalsOfKind("alchemy", jobs, ledger),
    ...totalsOfPops("images", "image", workers),
    ...totalsOfPops("texts", "text", workers),
    ...totalsOfPops("forms", "alchemy", workers),
    pictures: [...files.keys()].filter((name) => !name.endsWith(".part")).length,
    requests: exchanges.length
  }
}

const totalsOfKind = (kind: Task["job"], jobs: Outcome["jobs"], ledger: Outcome["ledger"]): Totals => {
  const tasks = new Map([...ledger.tasks].filter(([, { task }]) => task.job === kind))
  const own = jobs.filter((job) => job.kind === kind)
  const ids = new Set(own.map(({ id }) => id))
  const reports = ledger.lastReports().filter(({ tag = "" }) => tasks.has(tag))
  const lost = (...outcomes: ReadonlyArray<string>) =>
    reports.filter(({ outcome }) => outcomes.includes(outcome)).length
  const inState = (wanted: string) => own.filter(({ state }) => state === wanted).length
  const takenOver = [...ledger.recovered.keys(), ...ledger.cancelledByRecovery].filter((id) => ids.has(id))
  const totals: Totals = {
    requested: tasks.size,
    started: own.length,
    finished: inState("finished"),
    cancelled: inState("cancelled"),
    "taken over": takenOver.length,
    "replies lost": reports.length,
    "found again": lost("found"),
    "never started": lost("absent"),
    "reported as open": lost("open", "probable")
  }
  return Object.fromEntries(Object.entries(totals).map(([name, count]) => [`${kind} jobs ${name}`, count]))
}

/** A submit whose reply was lost may have been accepted; it is not counted. */
const totalsOfPops = (name: string, kind: Task["job"], { popped }: Outcome["workers"]): Totals => {
  const jobs = popped.filter((job) => job.kind === kind)
  const accepted = (isFault: boolean) =>
    jobs.filter(({ submits }) =>
      submits.some((one) => one.type === "answered" && one.status === 200 && one.isFault === isFault)
    ).length
  const isReturnedByAnother = jobs.filter(({ program, submits }) =>
    submits.some((one) => one.type === "answered" && one.isFault && one.program !== program)
  )
  return {
    [`${name} popped`]: jobs.length,
    [`popped ${name} delivered`]: accepted(false),
    [`popped ${name} returned`]: accepted(true),
    [`popped ${name} returned by recovery`]: isReturnedByAnother.length
  }
}

export const describeTotals = (totals: Totals): string =>
  Object.entries(totals)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ")
