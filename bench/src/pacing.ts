/**
 * Requests per job, and the delay until its results are available, by a simulation of polling in virtual time, with the
 * current poll intervals and with the former ones. A simulation gives the same figures in each run.
 */
import * as fetchBudget from "effect-horde/internal/jobs/fetchBudget"
import * as pacing from "effect-horde/internal/jobs/pollInterval"
import * as former from "./formerPacing.js"
import { quantile, table, verdict } from "./rounds.js"
import { type Check, type Group, groups, randoms, type Trace } from "./traces.js"

/** The next request: a check or a fetch, after some milliseconds. */
interface Plan {
  readonly after: number
  readonly fetches: boolean
}

/** Decides about one job. It is notified of each check and each fetch. */
interface Policy {
  readonly onReply: (check: Check, now: number, random: number) => void
  readonly onFetch: (now: number) => void
  readonly plan: (hasNews: boolean, left: number, now: number) => Plan
}

const current = (awaited: Group["awaited"]): Policy => {
  let pace = pacing.start
  let repliedAt = 0
  let fetches: ReadonlyArray<number> = []
  return {
    onReply: (check, now, random) => {
      pace = pacing.next(pace, { check, elapsed: now - repliedAt, awaited, random })
      repliedAt = now
    },
    onFetch: (now) => {
      fetches = fetchBudget.record(fetches, now)
    },
    plan: (hasNews, left, now) => {
      const untilFetch = hasNews ? fetchBudget.untilNext(fetches, left, now) : Number.POSITIVE_INFINITY
      return { after: Math.min(pace.delay, untilFetch), fetches: untilFetch <= pace.delay }
    }
  }
}

const before = (): Policy => {
  let pace = former.start
  let delay = 1000
  let fetchedAt = Number.NEGATIVE_INFINITY
  return {
    onReply: (check, _, random) => {
      const waitTime = Number.isNaN(check.wait_time) ? 0 : check.wait_time // the former code made the delay NaN as well
      pace = former.after(pace, waitTime)
      delay = former.delay(pace, waitTime, random)
    },
    onFetch: (now) => {
      fetchedAt = now
      delay = 1000
    },
    plan: (hasNews, _, now) => ({ after: delay, fetches: hasNews && now + delay - fetchedAt >= 7600 })
  }
}

/** From a request to its reply; the server processes it halfway. */
const roundTrip = 150

interface Outcome {
  readonly requests: number
  /** For each result; if the end was awaited, only for the last one. */
  readonly lateness: ReadonlyArray<number>
}

const follow = (policy: Policy, { check, ready }: Trace, awaited: Group["awaited"], random: () => number): Outcome => {
  const lateness: Array<number> = []
  let now = 0
  let requests = 1
  let known = 0
  let fetched = 0
  for (;;) {
    const isOver = known === ready.length
    const hasNews = awaited === "next result" && known > fetched
    const plan = isOver ? { after: 0, fetches: true } : policy.plan(hasNews, ready.length - fetched, now)
    now += plan.after
    const reply = check(now + roundTrip / 2)
    const finished = ready.filter((at) => at <= now + roundTrip / 2).length
    if (plan.fetches) policy.onFetch(now)
    now += roundTrip
    requests++
    if (plan.fetches) {
      const from = awaited === "end" ? ready.length - 1 : fetched
      for (const at of ready.slice(from, finished)) lateness.push(now - at)
      fetched = finished
      if (isOver) return { requests, lateness }
      if (awaited === "next result") known = Math.min(ready.length - 1, finished)
    } else {
      known = finished
      policy.onReply(reply, now, random())
    }
  }
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1)

const outcomes = (group: Group, policy: (awaited: Group["awaited"]) => Policy) => {
  const random = randoms(42)
  return group.traces.map((trace) => follow(policy(group.awaited), trace, group.awaited, random))
}

const summary = (found: ReadonlyArray<Outcome>) => {
  const requests = found.map((one) => one.requests)
  const lateness = found.flatMap((one) => one.lateness)
  return {
    mean: requests.reduce((sum, one) => sum + one, 0) / requests.length,
    most: Math.max(...requests),
    p50: quantile(lateness, 0.5),
    p95: quantile(lateness, 0.95)
  }
}

const cells = ({ mean, most, p50, p95 }: ReturnType<typeof summary>) => [
  `${mean.toFixed(1)} (${most})`,
  `${seconds(p50)} / ${seconds(p95)}`
]

/** The requests of a job whose estimate is right. */
const targets = [
  ["15 s drawn, right", 7.5],
  ["60 s drawn, right", 12],
  ["300 s drawn, right", 36]
] as const

for (const awaited of ["end", "next result"] as const) {
  const rows = groups.filter((group) => group.awaited === awaited)
  const found = rows.map((group) => ({ group, old: outcomes(group, before), now: outcomes(group, current) }))
  const old = summary(found.flatMap((row) => row.old))
  const now = summary(found.flatMap((row) => row.now))
  table(
    [
      `until ${awaited === "end" ? "the end" : "each result"}`,
      "requests (most)",
      "before",
      "late s p50 / p95",
      "before"
    ],
    [
      ...found.map((row) => ({ name: row.group.name, old: summary(row.old), now: summary(row.now) })),
      { name: "all of these", old, now }
    ].map(({ name, now, old }) => {
      const [requests = "", late = ""] = cells(now)
      const [formerRequests = "", formerLate = ""] = cells(old)
      return [name, requests, formerRequests, late, formerLate]
    })
  )
  for (const [name, most] of targets) {
    const row = found.find(({ group }) => group.name === name)
    if (row === undefined) continue
    const { mean, p50, p95 } = summary(row.now)
    const isMet = mean <= most && p50 <= 850 && p95 <= 1550
    verdict(isMet, `${name}: ${most} requests, 0.8 / 1.5 s late`, cells(summary(row.now)).join(", "))
  }
  verdict(now.p95 <= old.p95, "lateness p95 as before or less", `${seconds(now.p95)} s, before ${seconds(old.p95)} s`)
  console.log("")
}
