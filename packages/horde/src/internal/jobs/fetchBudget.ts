/**
 * Limits the fetches of an unfinished job's results. The server allows ten fetches per minute and job. Pure: all times
 * are in milliseconds of a monotonic clock.
 */

/** A minute, and a margin for requests that arrive late. */
const window = 61_000
/** Two of the ten are reserved for the end of the job: the last results, and fresh links to them. */
const limit = 8
/** The interval of fetches that are spread over the window. */
const spreadInterval = 7600
const shortestInterval = 1000

/** Adds a fetch, and drops those before the window. */
export const record = (fetches: ReadonlyArray<number>, now: number): ReadonlyArray<number> => [
  ...fetches.filter((time) => now - time < window),
  now
]

/**
 * The wait until the next fetch. If the budget suffices for one fetch per missing result, each result is fetched at
 * once; otherwise fetches are spread evenly, and one returns several results.
 */
export const untilNext = (fetches: ReadonlyArray<number>, missing: number, now: number): number => {
  const counted = fetches.filter((time) => now - time < window)
  const latest = counted.at(-1)
  if (latest === undefined) return 0
  const spare = limit - counted.length
  const full = spare > 0 ? now : (counted.at(-limit) ?? now) + window
  return Math.max(full, latest + (missing <= spare ? shortestInterval : spreadInterval)) - now
}
