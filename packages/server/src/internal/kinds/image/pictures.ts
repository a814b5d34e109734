/**
 * Delivered pictures: what stands for one in a reply, and its bytes. The server's own workers paint one when somebody
 * asks for it; what other workers made is in the store.
 */
import { encodeBase64 } from "effect/Encoding"
import * as Rules from "../../faults/rules.js"
import { type Answer, xml } from "../../http/reply.js"
import { type Delivered, delivered } from "../../jobs/lifeCycle.js"
import { paint } from "../../painter/landscape.js"
import * as Links from "../../state/links.js"
import type { StoredPicture, World } from "../../state/world.js"

const kept = 64

const painted = (world: World, attempt: Delivered): Uint8Array => {
  const { height, prompt, width } = attempt.job.request
  const { seed } = attempt.delivery
  const key = JSON.stringify([prompt, seed, width, height])
  const known = world.pictures.get(key)
  if (known !== undefined) return known
  const bytes = paint({ prompt, seed, width, height })
  const oldest = world.pictures.keys().next()
  if (world.pictures.size >= kept && oldest.done !== true) world.pictures.delete(oldest.value)
  world.pictures.set(key, bytes)
  return bytes
}

const contents = (world: World, attempt: Delivered): Pick<StoredPicture, "bytes" | "contentType"> | undefined =>
  attempt.delivery.source._tag === "Painted"
    ? { bytes: painted(world, attempt), contentType: "image/webp" }
    : world.store.get(attempt.id)

const isThere = (world: World, attempt: Delivered): boolean =>
  attempt.delivery.source._tag === "Painted" || world.store.has(attempt.id)

/** A link or base64, as the job wants it. A worker's nonsense is handed on, and what is not in the store is `N/A`. */
export const image = (world: World, attempt: Delivered): string => {
  const { delivery, job } = attempt
  if (Rules.inTrouble(world, job, "UnavailableImage")) return "N/A"
  const broken = Rules.inTrouble(world, job, "BrokenImage")
  if (delivery.source._tag === "Unreadable") return delivery.source.text
  if (!isThere(world, attempt)) return "N/A"
  if (job.request.r2) return Links.download(world, attempt.id, Rules.inTrouble(world, job, "ExpiredLink"))
  return broken ? "this is not base64 %%%" : encodeBase64(contents(world, attempt)?.bytes ?? "")
}

const find = (world: World, id: string): Delivered | undefined => {
  for (const job of world.jobs.values()) {
    const attempt = delivered(job).find((attempt) => attempt.id === id)
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** What a link leads to: outside the API, so without its limits and its kind of errors. */
export const download = (world: World, id: string, query: string): Answer => {
  if (!Links.isGood(world, "GET", id, query)) return xml(403, "AccessDenied")
  const attempt = find(world, id)
  const picture = attempt === undefined ? undefined : contents(world, attempt)
  if (attempt === undefined || picture === undefined) return xml(404, "NoSuchKey")
  const broken = Rules.inTrouble(world, attempt.job, "BrokenImage")
  return {
    status: 200,
    headers: { "content-type": picture.contentType },
    body: broken ? new TextEncoder().encode("this is no picture") : picture.bytes
  }
}
