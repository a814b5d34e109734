/** A server of one image or text job whose replies a test sets one by one. By default the job is over at once. */
import { Accounts } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import * as Horde from "effect-horde/Horde"
import type * as HordeClient from "effect-horde/HordeClient"
import { type Answer, json, type Sent, server } from "./scripted.js"
import { baseUrl } from "./stack.js"

export const jobId = "00000000-0000-4000-8000-00000000000a"

/** A PNG of one pixel. */
export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

export const generation = (index: number, fields: object = {}) => ({
  id: `00000000-0000-4000-8000-0000000001${String(index).padStart(2, "0")}`,
  img: png,
  seed: "1",
  model: "stable_diffusion",
  worker_id: "00000000-0000-4000-8000-00000000000b",
  worker_name: "worker",
  state: "ok",
  censored: false,
  gen_metadata: [],
  ...fields
})

/** One text of a reply. */
export const textOf = (text: string | undefined, fields: object = {}) => ({
  text,
  seed: 7,
  gen_metadata: [],
  worker_id: "00000000-0000-4000-8000-00000000000b",
  worker_name: "writer",
  model: "koboldcpp/LLaMA",
  state: "ok",
  ...fields
})

export const checkOf = (fields: object = {}) => ({
  finished: 1,
  processing: 0,
  restarted: 0,
  waiting: 0,
  done: true,
  faulted: false,
  wait_time: 0,
  queue_position: 0,
  kudos: 1,
  is_possible: true,
  ...fields
})

export const running = checkOf({ finished: 0, processing: 1, done: false, wait_time: 30 })

export const statusOf = (generations: ReadonlyArray<unknown>, fields: object = {}) => ({
  ...checkOf({ finished: generations.length }),
  generations,
  shared: false,
  ...fields
})

export const unknownJob = json(404, { message: "not found", rc: "RequestNotFound" })

/** The call, and the number of earlier calls of its kind. */
type Decide = (index: number, sent: Sent) => Answer

export interface Replies {
  readonly submit?: Decide
  readonly check?: Decide
  readonly status?: Decide
  readonly cancel?: Decide
  /** All other requests: links to pictures, other endpoints. */
  readonly other?: Decide
}

type Kind = keyof Replies

const baseline: Required<Replies> = {
  submit: () => json(202, { id: jobId, kudos: 1 }),
  check: () => json(200, checkOf()),
  status: () => json(200, statusOf([generation(1)])),
  cancel: () => json(200, statusOf([], { ...running, finished: 0 })),
  other: () => json(404, { message: "no such thing", rc: "NotFound" })
}

const kindOf = ({ method, url }: Sent): Kind => {
  if (method === "POST" && /\/generate\/(text\/)?async$/.test(url.pathname)) return "submit"
  if (url.pathname.includes("/generate/check/")) return "check"
  if (/\/generate\/(text\/)?status/.test(url.pathname)) return method === "DELETE" ? "cancel" : "status"
  return "other"
}

export const jobServer = (replies: Replies = {}) => {
  const counts: Record<Kind, number> = { submit: 0, check: 0, status: 0, cancel: 0, other: 0 }
  const scripted = server((sent) => {
    const kind = kindOf(sent)
    return (replies[kind] ?? baseline[kind])(counts[kind]++, sent)
  })
  /** The whole SDK over this server. */
  const stack = (options: HordeClient.Options = {}) =>
    Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey), ...options }).pipe(Layer.provide(scripted.layer))
  return { sent: scripted.sent, counts, client: scripted.layer, stack, run: Effect.provide(stack()) }
}
