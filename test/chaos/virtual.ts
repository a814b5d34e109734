/** A process that makes runs in virtual time: one range of seeds after the other, as it is told. It tells what it found. */
import { run } from "./run.js"
import { add, type Totals, totalsOf } from "./totals.js"

/** What is told. `violated` are the seeds for which something does not hold, with what it is. */
export interface Told {
  readonly from: number
  readonly to: number
  readonly totals: Totals
  readonly violated: ReadonlyArray<{ readonly seed: number; readonly violations: ReadonlyArray<string> }>
}

process.on("message", ([from, to]: readonly [from: number, to: number]) => {
  let totals: Totals = {}
  const violated: Array<Told["violated"][number]> = []
  for (let seed = from; seed < to; seed++) {
    const { outcome, violations } = run(seed)
    totals = add(totals, { runs: 1, ...(outcome === undefined ? {} : totalsOf(outcome)) })
    if (violations.length > 0) violated.push({ seed, violations })
  }
  process.send?.({ from, to, totals, violated } satisfies Told)
})

// Programs that were killed in virtual time may leave fibers that wait for ever, and Effect keeps the process alive for them.
process.once("disconnect", () => process.exit())
