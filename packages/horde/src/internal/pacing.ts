/** When to look again. */

const second = 1000

/** Between two looks at one job; the server's own answers are a second old anyway. */
const shortest = second
const longest = 10 * second

export interface Pace {
  /** The least time until the next look. */
  readonly floor: number
  /** How many looks in a row the server estimated no wait at all. */
  readonly blanks: number
}

export const start: Pace = { floor: shortest, blanks: 0 }

/** Where the server keeps estimating nothing, it is asked less and less often. */
export const after = (pace: Pace, waitTime: number): Pace => {
  if (waitTime > 0) return start
  const blanks = pace.blanks + 1
  return { blanks, floor: blanks > 10 ? Math.min(pace.floor * 1.3, 5 * second) : pace.floor }
}

/** In whole milliseconds; `random` is in 0…1, and spreads the clients that started together. */
export const delay = (pace: Pace, waitTime: number, random: number): number => {
  const third = Math.min(Math.max(waitTime * second * 0.35, shortest), longest)
  return Math.round(Math.max(third, pace.floor) * (1 + 0.2 * random))
}
