/** 10,000 jobs that wait in one process, in real time: polls, processor time, and how late their ends are seen. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { quantile, table, verdict } from "./rounds.js"
import { serveJobs } from "./servers.js"
import { stack } from "./stack.js"

const jobs = 10_000
const budget = 50
/** Seconds. Each job is first polled a second after its submit, so the submits need as long as these polls. */
const submitting = jobs / budget
const measured = 120
/** The limit of the lateness, in seconds. Later ends cannot be judged within the measurement. */
const limit = 10

// the ends are spread over longer than the measurement: the last polls of a job, a dozen, must fit into the budget
const server = await serveJobs({ endsBetween: [submitting + 5, submitting + 2405] })
const horde = stack({ url: server.url, http: NodeHttpClient.layerUndici })

/** The time at which each job was seen to have ended, with its bytes. */
const seen = new Map<string, number>()
let failures = 0

const job = ImageGeneration.generate({ prompt: "a lighthouse at dusk", params: { steps: 20 } }).pipe(
  Effect.flatMap(([picture]) => Effect.sync(() => picture && seen.set(picture.id, Date.now()))),
  Effect.catchAll(() => Effect.sync(() => void failures++))
)

await Effect.runPromise(
  Effect.gen(function* () {
    const started = performance.now()
    for (let n = 0; n < jobs; n++) {
      yield* Effect.forkDaemon(job)
      yield* Effect.sleep(Math.max(0, started + ((n + 1) * submitting * 1000) / jobs - performance.now()))
    }
    const before = yield* Effect.promise(server.report)
    const endedBefore = seen.size
    const from = Date.now()
    const cpu = process.cpuUsage()
    yield* Effect.sleep(measured * 1000)
    const { system, user } = process.cpuUsage(cpu)
    const to = Date.now()
    const { checks, fetches, polledAt, submits } = yield* Effect.promise(server.report)

    const share = (system + user) / 1000 / (to - from)
    const perSecond = polledAt.length / ((to - from) / 1000)
    let most = 0
    for (let first = 0, last = 0; last < polledAt.length; last++) {
      while ((polledAt[last] ?? 0) - (polledAt[first] ?? 0) >= 1000) first++
      most = Math.max(most, last - first + 1)
    }
    const ended = before.ends.filter(([, at]) => at >= from && at <= to - limit * 1000)
    const lateness = ended.map(([id, at]) => ((seen.get(id) ?? Number.POSITIVE_INFINITY) - at) / 1000)
    const late = quantile(lateness, 0.95)
    table(
      [`${measured} s`, ""],
      [
        ["jobs that waited at the start", String(before.submits - endedBefore)],
        ["polls a second, mean", perSecond.toFixed(1)],
        ["polls in any one second, most", String(most)],
        ["of them checks, and fetches of results", `${checks} + ${fetches}`],
        ["processor time, of one core", `${(share * 100).toFixed(0)} %`],
        [`jobs that ended, without the last ${limit} s`, String(ended.length)],
        ["seen after, s, p50 / p95", `${quantile(lateness, 0.5).toFixed(1)} / ${late.toFixed(1)}`],
        ["not seen", String(lateness.filter((value) => value === Number.POSITIVE_INFINITY).length)]
      ]
    )
    if (failures + submits > 0) throw new Error(`${failures} jobs failed, ${submits} were submitted late`)
    verdict(most <= budget, `at most ${budget} polls in a second`, `${most}`)
    verdict(share <= 0.5, "at most half a core", `${share.toFixed(2)} of a core`)
    verdict(late <= limit, `seen at most ${limit} s after its end (p95)`, `${late.toFixed(1)} s`)
    // without cancels of the jobs that are left
    process.exit()
  }).pipe(Effect.provide(horde))
)
