/**
 * Delivered pictures: their bytes, and the field `img` of a reply. Pictures of built-in workers are rendered on demand;
 * those of external workers are in the store.
 */
import { encodeBase64 } from "effect/Encoding"
import * as JobFaults from "../../faults/jobFaults.js"
import * as Progress from "../../jobs/progress.js"
import { paint } from "../../painter/landscape.js"
import type { Image } from "../../state/image.js"
import type { Delivered } from "../../state/job.js"
import * as Links from "../../state/links.js"
import type { StoredPicture, World } from "../../state/world.js"

type Contents = Pick<StoredPicture, "bytes" | "contentType">

/** The maximum number of rendered pictures in memory. */
const maxRendered = 64

const render = (world: World, attempt: Delivered<Image>): Uint8Array => {
  const { height, prompt, width } = attempt.job.request
  const { seed } = attempt.delivery
  const key = JSON.stringify([prompt, seed, width, height])
  const rendered = world.rendered.get(key)
  if (rendered !== undefined) return rendered
  const bytes = paint({ prompt, seed, width, height })
  const oldest = world.rendered.keys().next()
  if (world.rendered.size >= maxRendered && oldest.done !== true) world.rendered.delete(oldest.value)
  world.rendered.set(key, bytes)
  return bytes
}

const contents = (world: World, attempt: Delivered<Image>): Contents | undefined =>
  attempt.delivery.result._tag === "Painted"
    ? { bytes: render(world, attempt), contentType: "image/webp" }
    : world.store.get(attempt.id)

const isAvailable = (world: World, attempt: Delivered<Image>): boolean =>
  attempt.delivery.result._tag === "Painted" || world.store.has(attempt.id)

/**
 * The field `img`: a link, or base64 if the job requested that. Undecodable text of a worker is passed on; a picture
 * that is missing in the store is `N/A`.
 */
export const imageField = (world: World, attempt: Delivered<Image>): string => {
  const { delivery, job } = attempt
  if (JobFaults.apply(world, job, "UnavailableImage")) return "N/A"
  const broken = JobFaults.apply(world, job, "BrokenImage")
  if (delivery.result._tag === "Unreadable") return delivery.result.text
  if (!isAvailable(world, attempt)) return "N/A"
  if (job.request.r2) return Links.download(world, attempt.id, JobFaults.apply(world, job, "ExpiredLink"))
  return broken ? "this is not base64 %%%" : encodeBase64(contents(world, attempt)?.bytes ?? "")
}

const find = (world: World, id: string): Delivered<Image> | undefined => {
  for (const job of world.image.jobs.values()) {
    const attempt = Progress.delivered(job).find((attempt) => attempt.id === id)
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** A download whose bytes are no picture. */
export const brokenDownload = (picture: Contents): Contents => ({
  ...picture,
  bytes: new TextEncoder().encode("this is no picture")
})

/** The bytes behind a download link, also of jobs that the server has forgotten. */
export const download = (world: World, id: string): Contents | undefined => {
  const attempt = find(world, id)
  const picture = attempt === undefined ? undefined : contents(world, attempt)
  if (attempt === undefined || picture === undefined) return undefined
  return JobFaults.apply(world, attempt.job, "BrokenImage") ? brokenDownload(picture) : picture
}
