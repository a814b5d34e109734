/**
 * A process that runs seeds in virtual time: one range after the other, as its messages say. It sends the results back.
 */
import { run } from "./run.js"
import { add, type Totals, totalsOf } from "./totals.js"

/** The results of a range. `violated` are the seeds with violations. */
export interface RangeResult {
  readonly from: number
  readonly to: number
  readonly totals: Totals
  readonly violated: ReadonlyArray<{ readonly seed: number; readonly violations: ReadonlyArray<string> }>
}

/** Whether all runs have workers. */
const withWorkers = process.argv.includes("--workers")

process.on("message", ([from, to]: readonly [from: number, to: number]) => {
  let totals: Totals = {}
  const violated: Array<RangeResult["violated"][number]> = []
  for (let seed = from; seed < to; seed++) {
    const { outcome, violations } = run(seed, { withWorkers })
    totals = add(totals, { runs: 1, ...(outcome === undefined ? {} : totalsOf(outcome)) })
    if (violations.length > 0) violated.push({ seed, violations })
  }
  process.send?.({ from, to, totals, violated } satisfies RangeResult)
})

// Programs that were killed in virtual time may leave fibers that wait for ever, and Effect keeps the process alive for
// them.
process.once("disconnect", () => process.exit())
