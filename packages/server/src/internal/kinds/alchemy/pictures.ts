/**
 * The pictures of alchemy jobs behind download links: source images for workers, and results for clients.
 */
import type { StoredPicture, World } from "../../state/world.js"
import { decode } from "../sourceImage.js"

type Contents = Pick<StoredPicture, "bytes" | "contentType">

/** The id is that of a job, for its source image, or that of a form. */
export const download = (world: World, id: string): Contents | undefined => {
  const source = world.alchemy.jobs.get(id)?.request.sourceImage
  if (source !== undefined) return { bytes: decode(source), contentType: "image/webp" }
  const isResult = [...world.alchemy.jobs.values()].some(({ request }) => request.forms.some((form) => form.id === id))
  return isResult ? world.store.get(id) : undefined
}
