/**
 * The capabilities of image workers, and the jobs that need them.
 */
import { applying } from "../../jobs/obstacles.js"
import { commonAbilities } from "../../jobs/registerWorker.js"
import type { User } from "../../state/account.js"
import type { Image, ImageAbilities } from "../../state/image.js"
import type { Job } from "../../state/job.js"
import * as Kudos from "./kudos.js"
import type { PopBody } from "./workerSchema.js"

const knownBridges: ReadonlySet<string> = new Set(["AI Horde Worker", "AI Horde Worker reGen"])

/** The capabilities that the body of a pop declares. */
export const fromBody = (owner: User, body: PopBody): ImageAbilities => ({
  ...commonAbilities(owner, body, knownBridges),
  nsfw: body.nsfw ?? true,
  maxPixels: body.max_pixels ?? 262_144,
  imageToImage: body.allow_img2img ?? true,
  painting: body.allow_painting ?? true,
  postProcessing: body.allow_post_processing ?? true,
  controlNet: body.allow_controlnet ?? false,
  sdxlControlNet: body.allow_sdxl_controlnet ?? false,
  lora: body.allow_lora ?? false,
  limitsSteps: body.limit_max_steps ?? false
})

const isPainting = (job: Job<Image>): boolean => /painting$/.test(job.request.sourceProcessing)

/** Plain text-to-image with the result in the reply: the only kind of job for unknown bridges. */
const isPlain = ({ request }: Job<Image>): boolean =>
  !request.r2 &&
  request.sourceImage === undefined &&
  request.loras === 0 &&
  request.tis === 0 &&
  request.controlType === undefined &&
  request.postProcessing.length === 0

/** The abilities for the job that a worker lacks. */
export const lacks = (job: Job<Image>, abilities: ImageAbilities): ReadonlyArray<string> => {
  const { request } = job
  const xl = Kudos.factor(request.models[0]) > 1
  return applying([
    [request.sourceImage !== undefined && !abilities.imageToImage, "img2img"],
    [isPainting(job) && !abilities.painting, "painting"],
    [request.postProcessing.length > 0 && !abilities.postProcessing, "post-processing"],
    [request.loras > 0 && !abilities.lora, "lora"],
    [request.controlType !== undefined && !(abilities.controlNet && (!xl || abilities.sdxlControlNet)), "controlnet"],
    [request.nsfw && !abilities.nsfw, "nsfw"],
    [!abilities.knownBridge && !isPlain(job), "bridge_version"],
    [request.width * request.height > abilities.maxPixels, "max_pixels"],
    [abilities.limitsSteps && request.steps > 40, "step_count"]
  ])
}
