/** Simulated jobs: the reply to a check at each time. All times are in milliseconds. */
import { readFileSync } from "node:fs"

export interface Check {
  readonly finished: number
  readonly processing: number
  readonly waiting: number
  readonly queue_position: number
  readonly wait_time: number
}

export interface Trace {
  /** Since the submit, for each result. The last is the end of the job. */
  readonly ready: ReadonlyArray<number>
  readonly check: (time: number) => Check
}

export interface Group {
  readonly name: string
  readonly awaited: "end" | "next result"
  readonly traces: ReadonlyArray<Trace>
}

/** Random numbers from 0 to 1, the same in each run. */
export const randoms = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface JobTimes {
  /** The time when the first worker takes the job. */
  readonly taken: number
  readonly ready: ReadonlyArray<number>
  /** The position in the queue before that. */
  readonly position: (time: number) => number
  /** In seconds; `left` is the true time to the end. */
  readonly estimate: (time: number, left: number) => number
}

/** A job whose results are made one after the other. */
const simulated = ({ estimate, position, ready, taken }: JobTimes): Trace => ({
  ready,
  check: (time) => {
    const finished = ready.filter((at) => at <= time).length
    const left = ready.length - finished
    const processing = time >= taken && left > 0 ? 1 : 0
    const waiting = left - processing
    const isNew = time < 1500
    return {
      finished,
      processing,
      waiting,
      queue_position: isNew || waiting === 0 ? 0 : position(time),
      wait_time: isNew ? 0 : estimate(time, Math.max(0, (ready.at(-1) ?? 0) - time))
    }
  }
})

const many = (count: number, seed: number, make: (random: () => number, index: number) => Trace) => {
  const random = randoms(seed)
  return Array.from({ length: count }, (_, index) => make(random, index))
}

const between = (random: () => number, least: number, most: number) => least + random() * (most - least)

/** A queue that moves steadily, and a worker that takes some time. */
const queued = (random: () => number, waits: number, takes: number, estimate: JobTimes["estimate"]): Trace => {
  const place = between(random, 2000, 8000)
  return simulated({
    taken: waits,
    ready: [waits + takes],
    position: (time) => Math.max(1, Math.ceil((waits - time) / place)),
    estimate
  })
}

const stuckEstimate = (random: () => number) => {
  const values = Array.from({ length: 400 }, () => 1 + Math.floor(random() * 3))
  return (time: number) => values[Math.floor(time / 1000)] ?? 2
}

const recordings = new URL("../../test/recordings/", import.meta.url)

/** The checks of each recorded job that delivered something, in order; each is repeated for some seconds. */
const recorded = (file: string, hold: number): ReadonlyArray<Trace> => {
  const jobs = new Map<string, Array<Check>>()
  for (const line of readFileSync(new URL(file, recordings), "utf8").trim().split("\n")) {
    const { request, response } = JSON.parse(line)
    const body = response?.body
    if (request.method !== "GET" || typeof body?.wait_time !== "number") continue
    const id = request.path.split("/").at(-1)
    jobs.set(id, [...(jobs.get(id) ?? []), body])
  }
  return [...jobs.values()].flatMap((checks) => {
    const ready: Array<number> = []
    checks.forEach(({ finished }, index) => {
      while (ready.length < finished) ready.push(index * hold)
    })
    const last = checks.at(-1)
    if (last === undefined || ready.length === 0 || ready.at(-1) === 0) return []
    return [{ ready, check: (time: number) => checks[Math.floor(time / hold)] ?? last }]
  })
}

const oneByOne = (
  awaited: Group["awaited"],
  name: string,
  ready: ReadonlyArray<number>,
  estimate: JobTimes["estimate"]
) => ({
  name,
  awaited,
  traces: many(20, 7, (random) => {
    const shift = between(random, -500, 500)
    return simulated({ taken: 1000, ready: ready.map((at) => at + shift), position: () => 1, estimate })
  })
})

const steps = (count: number, step: number) => Array.from({ length: count }, (_, index) => (index + 1) * step)

export const groups: ReadonlyArray<Group> = [
  {
    name: "estimates right by a third, 5 to 120 s",
    awaited: "end",
    traces: many(300, 1, (random) => {
      const bias = between(random, 0.67, 1.33)
      const takes = between(random, 4000, 30_000)
      return queued(random, between(random, 1000, 90_000), takes, (_, left) => Math.round((left * bias) / 1000))
    })
  },
  {
    name: "estimates of half the time, 5 to 120 s",
    awaited: "end",
    traces: many(300, 2, (random) =>
      queued(random, between(random, 1000, 90_000), between(random, 4000, 30_000), (_, left) => Math.round(left / 2000))
    )
  },
  {
    name: "estimate of the queue only, then 0 s while it is drawn",
    awaited: "end",
    traces: many(300, 3, (random) => {
      const waits = between(random, 1000, 60_000)
      return queued(random, waits, between(random, 4000, 20_000), (time) =>
        Math.max(0, Math.round((waits - time) / 1000))
      )
    })
  },
  {
    name: "recorded replies, each for 2 to 12 s",
    awaited: "end",
    traces: ["image-1.jsonl", "image-2.jsonl", "faults.jsonl", "text.jsonl"].flatMap((file) =>
      [2, 3.3, 4.7, 6.1, 8.2, 10.4, 12].flatMap((hold) => recorded(file, hold * 1000))
    )
  },
  {
    name: "1 to 3 s, one worker, ten jobs of 5 s in a queue",
    awaited: "end",
    traces: many(300, 4, (random, index) => {
      const place = between(random, 4500, 5500)
      const ahead = index % 10
      return simulated({
        taken: Math.max(500, ahead * place),
        ready: [(ahead + 1) * place],
        position: (time) => Math.max(1, ahead - Math.floor(time / place)),
        estimate: stuckEstimate(random)
      })
    })
  },
  {
    name: "1 to 3 s, 50 s in a queue that moves, 5 to 10 s drawn",
    awaited: "end",
    traces: many(300, 5, (random) =>
      queued(random, between(random, 40_000, 45_000), between(random, 5000, 10_000), stuckEstimate(random))
    )
  },
  {
    name: "1 to 3 s, 50 s at position 1, 5 to 10 s of them drawn",
    awaited: "end",
    traces: many(300, 6, (random) => {
      const taken = between(random, 40_000, 45_000)
      return simulated({
        taken,
        ready: [taken + between(random, 5000, 10_000)],
        position: () => 1,
        estimate: stuckEstimate(random)
      })
    })
  },
  {
    name: "1 to 3 s, 50 s at position 1, 2 s of them drawn",
    awaited: "end",
    traces: many(300, 8, (random) => {
      const taken = between(random, 45_000, 50_000)
      return simulated({ taken, ready: [taken + 2000], position: () => 1, estimate: stuckEstimate(random) })
    })
  },
  {
    name: "1 to 3 s, 50 s drawn",
    awaited: "end",
    traces: many(300, 9, (random) =>
      simulated({
        taken: 1000,
        ready: [between(random, 45_000, 55_000)],
        position: () => 1,
        estimate: stuckEstimate(random)
      })
    )
  },
  {
    name: "0 s, 50 s at position 1",
    awaited: "end",
    traces: many(300, 10, (random) => {
      const taken = between(random, 40_000, 45_000)
      return simulated({ taken, ready: [taken + between(random, 5000, 10_000)], position: () => 1, estimate: () => 0 })
    })
  },
  {
    name: "fast jobs, 2 to 8 s, 1 to 3 s",
    awaited: "end",
    traces: many(300, 11, (random) => {
      const taken = between(random, 500, 2000)
      return simulated({
        taken,
        ready: [taken + between(random, 1500, 6000)],
        position: () => 1,
        estimate: stuckEstimate(random)
      })
    })
  },
  ...[15, 60, 300].map((seconds, index) => ({
    name: `${seconds} s drawn, right`,
    awaited: "end" as const,
    traces: many(200, 12 + 100 * index, (random) =>
      simulated({
        taken: 1000,
        ready: [between(random, 930 * seconds, 1070 * seconds)],
        position: () => 1,
        estimate: (_, left) => Math.round(left / 1000)
      })
    )
  })),
  {
    name: "estimates that grow",
    awaited: "end",
    traces: many(100, 13, (random) =>
      simulated({
        taken: 2000,
        ready: [between(random, 20_000, 90_000)],
        position: () => 1,
        estimate: (time) => Math.round(time / 2000)
      })
    )
  },
  {
    name: "estimates that jump from 0 to 60 s",
    awaited: "end",
    traces: many(100, 14, (random) => {
      const values = Array.from({ length: 200 }, () => Math.floor(random() * 60))
      return simulated({
        taken: 2000,
        ready: [between(random, 20_000, 90_000)],
        position: () => 1,
        estimate: (time) => values[Math.floor(time / 1000)] ?? 0
      })
    })
  },
  {
    name: "estimates that are no numbers",
    awaited: "end",
    traces: many(100, 15, (random) => {
      const values = [Number.NaN, -5, Number.POSITIVE_INFINITY, 1e308, 0]
      return simulated({
        taken: 2000,
        ready: [between(random, 5000, 60_000)],
        position: () => 1,
        estimate: (time) => values[Math.floor(time / 1000) % values.length] ?? 0
      })
    })
  },
  oneByOne("next result", "each of 4, at 4, 13, 22, 31 s, 31 s", [4000, 13_000, 22_000, 31_000], () => 31),
  oneByOne(
    "next result",
    "each of 4, at 4, 13, 22, 31 s, right",
    [4000, 13_000, 22_000, 31_000],
    (_, left) => left / 1000
  ),
  oneByOne("next result", "each of 4, at 4, 6, 8, 10 s", [4000, 6000, 8000, 10_000], (_, left) => left / 1000),
  oneByOne("next result", "each of 20, every 3 s", steps(20, 3000), (_, left) => left / 1000),
  oneByOne("next result", "each of 4, every 30 s", steps(4, 30_000), (_, left) => left / 1000),
  oneByOne("next result", "each of 3, every 5 minutes", steps(3, 300_000), (_, left) => left / 1000)
]
