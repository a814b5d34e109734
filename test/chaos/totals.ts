/** The totals of many runs. */
import type { Outcome } from "./invariants.js"

export type Totals = Readonly<Record<string, number>>

export const add = (one: Totals, other: Totals): Totals => {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

export const totalsOf = ({ exchanges, files, jobs, ledger }: Outcome): Totals => {
  const lives = [...ledger.lives.values()]
  const reports = ledger.lastReports()
  const lost = (...outcomes: ReadonlyArray<string>) =>
    reports.filter(({ outcome }) => outcomes.includes(outcome)).length
  return {
    programs: lives.length,
    killed: lives.filter(({ isKilled }) => isKilled).length,
    "submits requested": ledger.tasks.size,
    jobs: jobs.length,
    finished: jobs.filter(({ state }) => state === "finished").length,
    cancelled: jobs.filter(({ state }) => state === "cancelled").length,
    "taken over": ledger.recovered.size + ledger.cancelledByRecovery.size,
    "replies lost": reports.length,
    "found again": lost("found"),
    "never started": lost("absent"),
    "reported as open": lost("open", "probable"),
    pictures: [...files.keys()].filter((name) => !name.endsWith(".part")).length,
    requests: exchanges.length
  }
}

export const describeTotals = (totals: Totals): string =>
  Object.entries(totals)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ")
