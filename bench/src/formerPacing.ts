/** The former poll intervals: always a third of the estimate. */

const second = 1000

export interface Pace {
  readonly floor: number
  readonly blanks: number
}

export const start: Pace = { floor: second, blanks: 0 }

export const after = (pace: Pace, waitTime: number): Pace => {
  if (waitTime > 0) return start
  const blanks = pace.blanks + 1
  return { blanks, floor: blanks > 10 ? Math.min(pace.floor * 1.3, 5 * second) : pace.floor }
}

export const delay = (pace: Pace, waitTime: number, random: number): number => {
  const third = Math.min(Math.max(waitTime * second * 0.35, second), 10 * second)
  return Math.round(Math.max(third, pace.floor) * (1 + 0.2 * random))
}
