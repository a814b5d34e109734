/**
 * Rounds: every row is measured once in each, in random order, and compared within the round.
 *
 * A machine is slow for seconds at a time, and rows that always run last find a heap that others have filled. So absolute
 * times are unreliable. The result is the ratio within a round: the median of all rounds, with the minimum and the
 * maximum.
 */

/** The measurements of one run of a row, by name: `time`, `cpu`. */
export type Sample = { readonly [metric: string]: number }

export interface Row {
  readonly name: string
  readonly run: () => Promise<Sample>
}

export type Samples = ReadonlyMap<string, ReadonlyArray<Sample>>

const shuffled = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> => {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1))
    const [a, b] = [order[at], order[other]]
    if (a !== undefined && b !== undefined) [order[at], order[other]] = [b, a]
  }
  return order
}

interface Options {
  readonly count?: number
  /** Uncounted rounds before the others, to warm up the code. */
  readonly warmUp?: number
  /** Whether garbage is collected before each run. For benchmarks of small calls it makes all rows slower. */
  readonly collect?: boolean
}

/** Runs all rows in each round. */
export const rounds = async (rows: ReadonlyArray<Row>, options: Options = {}): Promise<Samples> => {
  const { collect = false, count = 9, warmUp = 1 } = options
  const samples = new Map<string, Array<Sample>>(rows.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < count; round++) {
    for (const row of shuffled(rows)) {
      if (collect) globalThis.gc?.()
      const sample = await row.run()
      if (round >= 0) samples.get(row.name)?.push(sample)
    }
  }
  return samples
}

/** The time and the processor time of this process, in microseconds per call. */
export const timed = async (calls: number, run: () => Promise<unknown>): Promise<Sample> => {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await run()
  const time = ((performance.now() - started) * 1000) / calls
  const { system, user } = process.cpuUsage(cpu)
  return { time, cpu: (system + user) / calls }
}

export const sorted = (values: ReadonlyArray<number>): ReadonlyArray<number> => [...values].sort((a, b) => a - b)

/** The quantile of a share: 0.5 is the median. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const order = sorted(values)
  return order[Math.min(order.length - 1, Math.floor(order.length * share))] ?? Number.NaN
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** The values of one metric of one row, one per round. */
export const valuesOf = (samples: Samples, name: string, metric: string): ReadonlyArray<number> =>
  (samples.get(name) ?? []).map((sample) => sample[metric] ?? Number.NaN)

/** The factor by which a row was faster (or smaller) than the base, one per round. */
export const ratios = (samples: Samples, base: string, name: string, metric: string): ReadonlyArray<number> => {
  const values = valuesOf(samples, name, metric)
  return valuesOf(samples, base, metric).map((value, round) => value / (values[round] ?? Number.NaN))
}

/** `0.97 (0.81-1.10)`: the median, the minimum and the maximum. */
export const spread = (values: ReadonlyArray<number>, digits = 2): string => {
  const order = sorted(values)
  const text = (value: number | undefined) => (value ?? Number.NaN).toFixed(digits)
  return `${text(median(values))} (${text(order[0])}-${text(order.at(-1))})`
}

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): void => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
    console.log(cells.join("   ").trimEnd())
  }
}

export const verdict = (isMet: boolean, target: string, found: string): void =>
  console.log(`target: ${target}: ${isMet ? "met" : "MISSED"}, ${found}`)
