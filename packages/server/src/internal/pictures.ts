/**
 * The pictures of the built-in worker and the links to them. A picture is painted when somebody asks for its bytes.
 */
import * as Hash from "effect/Hash"
import type { Attempt } from "./job.js"
import { paint } from "./painting.js"
import type { Answer } from "./reply.js"
import * as Rules from "./rules.js"
import type { World } from "./world.js"

const linkLifetime = 1_800_000
const kept = 64

export const ofAttempt = (world: World, attempt: Attempt): Uint8Array => {
  const { height, prompt, width } = attempt.job.request
  const key = JSON.stringify([prompt, attempt.deliveredSeed, width, height])
  const known = world.pictures.get(key)
  if (known !== undefined) return known
  const bytes = paint({ prompt, seed: attempt.deliveredSeed, width, height })
  const oldest = world.pictures.keys().next()
  if (world.pictures.size >= kept && oldest.done !== true) world.pictures.delete(oldest.value)
  world.pictures.set(key, bytes)
  return bytes
}

const signature = (id: string, expires: number): string => (Hash.string(`${id} ${expires}`) >>> 0).toString(16)

/** A link is good for half an hour from the moment that it is handed out. */
export const link = (world: World, attempt: Attempt, expired: boolean): string => {
  const expires = world.now + (expired ? 0 : linkLifetime)
  return `${world.origin}/objects/${attempt.id}.webp?expires=${expires}&signature=${signature(attempt.id, expires)}`
}

const xml = (status: number, code: string): Answer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`
})

const find = (world: World, id: string): Attempt | undefined => {
  for (const job of world.jobs.values()) {
    const attempt = job.attempts.find((attempt) => attempt.id === id && attempt.outcome === "delivered")
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** What a link leads to: outside the API, so without its limits and its kind of errors. */
export const download = (world: World, id: string, query: string): Answer => {
  const asked = new URLSearchParams(query)
  const expires = Number(asked.get("expires"))
  if (asked.get("signature") !== signature(id, expires) || expires <= world.now) return xml(403, "AccessDenied")
  const attempt = find(world, id)
  if (attempt === undefined) return xml(404, "NoSuchKey")
  const broken = Rules.inTrouble(world, attempt.job, "BrokenImage")
  return {
    status: 200,
    headers: { "content-type": "image/webp" },
    body: broken ? new TextEncoder().encode("this is no picture") : ofAttempt(world, attempt)
  }
}
