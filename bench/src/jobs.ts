/** A bare server of jobs with one picture. A job ends after some checks, or at a time. It counts all requests. */
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"

export interface Settings {
  /** Each job is done at this check; until then all checks have the same `wait_time`. */
  readonly endsAtCheck?: number
  /** The jobs end at random times between these two, in seconds from the first submit; `wait_time` is right. */
  readonly endsBetween?: readonly [from: number, to: number]
  /** Whether it sends a message with the arrival time of each DELETE. */
  readonly announcesDeletes?: boolean
}

/** All requests since the last report. */
export interface Report {
  readonly submits: number
  readonly checks: number
  readonly fetches: number
  /** The arrival times of the checks and fetches, in milliseconds since the epoch. */
  readonly polledAt: ReadonlyArray<number>
  /** The end of each job that was submitted. */
  readonly ends: ReadonlyArray<readonly [id: string, at: number]>
  /** The number of DELETEs for each id. */
  readonly deletes: ReadonlyArray<readonly [id: string, count: number]>
}

interface Job {
  checks: number
  readonly endsAt: number
}

const settings: Settings = JSON.parse(process.argv[2] ?? "{}")
const { endsAtCheck = Number.POSITIVE_INFINITY, endsBetween = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] } =
  settings

const jobs = new Map<string, Job>()
let firstSubmit: number | undefined

const empty = () => ({
  submits: 0,
  checks: 0,
  fetches: 0,
  polledAt: [] as Array<number>,
  ends: [] as Array<[string, number]>,
  deletes: new Map<string, number>()
})
let counts = empty()

/** A picture with the header of a WebP: 40 kB as base64. */
const picture = (() => {
  const bytes = randomBytes(30_000)
  bytes.write("RIFF", 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write("WEBPVP8 ", 8)
  return bytes.toString("base64")
})()

const submit = (now: number) => {
  const id = `00000000-0000-4000-8000-${String(jobs.size).padStart(12, "0")}`
  firstSubmit ??= now
  const [from, to] = endsBetween
  const endsAt = firstSubmit + (from === to ? from : from + Math.random() * (to - from)) * 1000
  jobs.set(id, { checks: 0, endsAt })
  counts.submits++
  counts.ends.push([id, endsAt])
  return { id, kudos: 10 }
}

/** Seconds. Jobs without an end have the same estimate for as long as they are polled. */
const waitTime = ({ endsAt }: Job, now: number) =>
  endsAt < Number.POSITIVE_INFINITY ? Math.max(0, Math.ceil((endsAt - now) / 1000)) : 3

const view = (job: Job, now: number) => {
  const isDone = job.checks >= endsAtCheck || job.endsAt <= now
  const wait = isDone ? 0 : waitTime(job, now)
  const isWaiting = wait > 10
  return {
    finished: isDone ? 1 : 0,
    processing: isDone || isWaiting ? 0 : 1,
    restarted: 0,
    waiting: isWaiting ? 1 : 0,
    done: isDone,
    faulted: false,
    wait_time: wait,
    queue_position: isWaiting ? wait : 0,
    kudos: 10,
    is_possible: true
  }
}

const generation = (id: string) => ({
  img: picture,
  seed: "1",
  id,
  censored: false,
  state: "ok",
  gen_metadata: [],
  model: "stable_diffusion",
  worker_id: "00000000-0000-4000-9000-000000000000",
  worker_name: "bench"
})

const reply = (method: string | undefined, url: string): readonly [status: number, body: unknown] => {
  const now = Date.now()
  const [, , , , name, id = ""] = url.split("/")
  if (name === "async") return [202, submit(now)]
  const job = jobs.get(id)
  if (job === undefined) return [404, { message: "There is no such job", rc: "RequestNotFound" }]
  if (method === "DELETE") {
    counts.deletes.set(id, (counts.deletes.get(id) ?? 0) + 1)
    return [200, { ...view(job, now), shared: false, generations: [] }]
  }
  counts.polledAt.push(now)
  if (name === "check") {
    job.checks++
    counts.checks++
    return [200, view(job, now)]
  }
  counts.fetches++
  const state = view(job, now)
  return [200, { ...state, shared: false, generations: state.done ? [generation(id)] : [] }]
}

const server = createServer((request, response) => {
  if (settings.announcesDeletes === true && request.method === "DELETE") {
    // the clock that all processes of a machine share
    process.send?.({ at: String(process.hrtime.bigint()) })
  }
  request.resume()
  request.on("end", () => {
    const [status, body] = reply(request.method, request.url ?? "")
    const text = JSON.stringify(body)
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    response.end(text)
  })
})
// no connection may close between two rounds: a client would notice only during a call
server.keepAliveTimeout = 120_000
server.listen({ port: 0, host: "127.0.0.1", backlog: 10_000 }, () => {
  const address = server.address()
  if (typeof address === "object") process.send?.(`http://127.0.0.1:${address?.port}/api`)
})

process.on("message", () => {
  const report: Report = { ...counts, deletes: [...counts.deletes] }
  counts = empty()
  process.send?.(report)
})
process.on("disconnect", () => process.exit())
