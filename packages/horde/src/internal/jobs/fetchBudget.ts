/**
 * When the results of a job that is not over may be fetched. The server allows ten fetches a minute for each job. Pure:
 * all times are in milliseconds of a monotonic clock.
 */

/** A minute, and a second for requests that take longer than the ones after them. */
const window = 61_000
/** Two of the ten are kept for the end of the job: the last results, and fresh links to them. */
const most = 8
/** Between fetches that are spread over a whole minute. */
const spread = 7600
const shortest = 1000

/** The fetches that count at a time, this one included. */
export const record = (fetches: ReadonlyArray<number>, now: number): ReadonlyArray<number> => [
  ...fetches.filter((time) => now - time < window),
  now
]

/**
 * How long to wait until the next fetch, 0 for not at all. While there are fetches enough for each of the results that
 * are still to come, none has to wait; otherwise fetches are spread evenly, and some bring several results.
 */
export const untilNext = (fetches: ReadonlyArray<number>, resultsToCome: number, now: number): number => {
  const counted = fetches.filter((time) => now - time < window)
  const latest = counted.at(-1)
  if (latest === undefined) return 0
  const spare = most - counted.length
  const full = spare > 0 ? now : (counted.at(-most) ?? now) + window
  return Math.max(full, latest + (resultsToCome <= spare ? shortest : spread)) - now
}
