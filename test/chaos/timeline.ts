/** All events of one run, for the analysis of a violation: `npm run chaos -- --timeline SEED`. */
import { run } from "./run.js"
import { start } from "./simulation.js"

const since = (at: number | undefined): string => (at === undefined ? "-" : `${((at - start) / 1000).toFixed(3)} s`)

/** A scenario has nothing but functions and plain data. */
const inJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "function" ? "(a function)" : member), 2)

export const timeline = (seed: number, withWorkers: boolean): string => {
  const { outcome, violations } = run(seed, { withWorkers })
  if (outcome === undefined) return violations.join("\n")
  const { exchanges, files, jobs, ledger, scenario } = outcome
  const lives = [...ledger.lives.values()].map(
    ({ endedAt, isKilled, program, startedAt }) =>
      `${program}: from ${since(startedAt)} to ${since(endedAt)}${isKilled ? ", killed" : ""}`
  )
  const jobLines = jobs.flatMap(({ createdAt, generations, id, kind, state, tag }) => [
    `${tag}, ${kind}: ${state}, submitted at ${since(createdAt)}, ${id}, results ${generations.join(" ") || "none"}`,
    `  its task ended: ${ledger.ends.get(tag) ?? "-"}; taken over: ${ledger.recovered.get(id) ?? "-"}`,
    ...exchanges
      .filter(({ requestId }) => requestId === id)
      .map(
        ({ at, delivered, headers, method, route, status }) =>
          `  ${since(at)} ${headers["x-program"]} ${method} ${route} ${status} ${delivered}`
      )
  ])
  const lost = ledger.lost.map(({ outcome, reason, tag }) => `${tag}: ${outcome}, ${reason}`)
  return [
    inJson(scenario),
    "\nPrograms",
    ...lives,
    "\nJobs",
    ...jobLines,
    "\nAnswers that were lost",
    ...lost,
    "\nFiles",
    ...files.keys(),
    "\nViolations",
    ...(violations.length === 0 ? ["none"] : violations)
  ].join("\n")
}
