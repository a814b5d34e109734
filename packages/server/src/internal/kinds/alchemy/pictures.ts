/**
 * The pictures of alchemy jobs behind download links: source images for workers, and results for clients.
 */
import * as JobFaults from "../../faults/jobFaults.js"
import type { AlchemyRequest } from "../../state/alchemy.js"
import * as Links from "../../state/links.js"
import type { StoredPicture, World } from "../../state/world.js"
import * as Pictures from "../image/pictures.js"
import { decode, isLink } from "../sourceImage.js"

type Contents = Pick<StoredPicture, "bytes" | "contentType">

/** The id is that of a job, for its source image, or that of a form. */
export const download = (world: World, id: string): Contents | undefined => {
  const source = world.alchemy.jobs.get(id)?.request.sourceImage
  if (source !== undefined) return { bytes: decode(source), contentType: "image/webp" }
  const job = [...world.alchemy.jobs.values()].find(({ request }) => request.forms.some((form) => form.id === id))
  const result = world.store.get(id)
  if (job === undefined || result === undefined) return undefined
  return JobFaults.apply(world, job, "BrokenImage") ? Pictures.brokenDownload(result) : result
}

/** The bytes of a source image. The embedded horde opens only links of its own: others are `undefined`. */
export const sourceOf = (world: World, { sourceImage }: AlchemyRequest): Uint8Array | undefined => {
  if (!isLink(sourceImage)) return decode(sourceImage)
  const id = Links.downloadedBy(world, sourceImage)
  return id === undefined ? undefined : (Pictures.download(world, id) ?? download(world, id))?.bytes
}
