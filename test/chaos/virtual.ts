/** A process that makes runs in virtual time: every nth seed of a range. It tells what it found, ten runs at a time. */
import { run } from "./run.js"
import { add, type Totals, totalsOf } from "./totals.js"

/** What is told. `violated` are the seeds for which something does not hold, with what it is. */
export interface Told {
  readonly totals: Totals
  readonly violated: ReadonlyArray<{ readonly seed: number; readonly violations: ReadonlyArray<string> }>
}

const [from = 0, to = 0, step = 1] = process.argv.slice(2).map(Number)

const tell = (told: Told): Promise<void> => new Promise((resolve) => process.send?.(told, () => resolve()))

let told: Told = { totals: {}, violated: [] }
for (let seed = from; seed < to; seed += step) {
  const { outcome, violations } = run(seed)
  const totals = add(told.totals, { runs: 1, ...(outcome === undefined ? {} : totalsOf(outcome)) })
  told = { totals, violated: violations.length === 0 ? told.violated : [...told.violated, { seed, violations }] }
  if (totals["runs"] === 10 || seed + step >= to) {
    await tell(told)
    told = { totals: {}, violated: [] }
  }
}
process.disconnect?.()
