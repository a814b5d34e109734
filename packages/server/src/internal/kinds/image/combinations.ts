/**
 * The checks of an image request alone: combinations of fields and models that it must not have.
 */
import * as Python from "../../python/values.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import { refuse } from "../../state/refusal.js"
import * as Models from "./models.js"
import { isUpscaler, postProcessors } from "./schema.js"

const reject = (rc: string, message: string): never => refuse(400, rc, message)

/** Empty values are false in Python, and count as absent. */
const isGiven = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value)

export const checkParams = ({ cfgScale, loras, models, params, postProcessing, prompt, tis }: ImageRequest): void => {
  if (params["hires_fix"] === true && Models.isAnyOf(models, "flux", "qwen", "z-image")) {
    reject("HiResMismatch", "hires_fix does not work with this model")
  }
  if (loras > 5) reject("TooManyLoras", "At most 5 LoRAs")
  for (const { is_version, name } of params.loras ?? []) {
    if (is_version === true && !Python.isDigits(String(name)))
      reject("BadLoraVersion", "The name of a LoRA version must be a number")
  }
  if (tis > 20) reject("TooManyTIs", "At most 20 textual inversions")
  if (params["transparent"] === true && !models.every((model) => /^sd(1|xl)$/.test(Models.familyOf(model)))) {
    reject("InvalidTransparencyModel", "transparent needs a Stable Diffusion 1 or XL model")
  }
  if (params["workflow"] === "qr_code" && !models.every((model) => /^sd(1|xl)$/.test(Models.familyOf(model)))) {
    reject("ControlNetMismatch.", "The workflow qr_code needs a Stable Diffusion 1 or XL model")
  }
  if (Python.countWords(prompt) > 7500) reject("InvalidPromptSize", "At most 7500 words")
  if (models.some((model) => postProcessors.includes(model)))
    reject("UnexpectedModelName", "A post-processor was given as a model")
  if (postProcessing.filter(isUpscaler).length > 1) {
    reject("TooManyUpscalers", "At most one upscaler")
  }
  // NaN is refused as well: it is unequal to itself.
  if (Number(cfgScale.toFixed(2)) !== cfgScale) reject("BadCFGDecimals", "cfg_scale may have at most two decimals")
}

/** No account of the embedded horde has the special role. */
const checkSpecial = ({ models, params }: ImageRequest): void => {
  if (models.some((model) => model.includes("horde_special"))) {
    refuse(403, "Forbidden", "Special models need a special account")
  }
  if (isGiven(params["special"])) reject("BadRequest", "The parameter special needs a special account")
}

const checkControl = ({ controlType, models, sourceImage, sourceProcessing }: ImageRequest): void => {
  if (controlType === undefined) return
  if (["normal", "mlsd", "hough"].includes(controlType) && Models.isAnyOf(models, "sd2")) {
    reject("ControlNetUnsupported", "This control type does not exist for Stable Diffusion 2")
  }
  if (models.includes("pix2pix")) reject("ControlNetUnsupported", "This model does not support control types")
  if (sourceImage === undefined) reject("ControlNetSourceMissing", "A control type needs a source image")
  if (sourceProcessing === "inpainting") {
    reject("ControlNetInpaintingMismatch", "A control type cannot be combined with inpainting")
  }
  if (Models.isAnyOf(models, "sdxl", "cascade", "flux", "qwen", "z-image")) {
    reject("ControlNetMismatch", "A control type does not work with this model")
  }
}

const checkTransparency = ({ controlType, params, sourceImage }: ImageRequest): void => {
  if (params["transparent"] !== true) return
  if (sourceImage !== undefined)
    reject("InvalidTransparencyImg2Img", "transparent cannot be combined with a source image")
  if (controlType !== undefined) reject("InvalidTransparencyCN", "transparent cannot be combined with a control type")
}

const checkExtras = ({ extraSourceImages, models, params, sourceProcessing, workflow }: ImageRequest): void => {
  if (sourceProcessing === "remix" && !models.every((model) => Models.familyOf(model) === "cascade")) {
    reject("InvalidRemix", "source_processing remix needs a Stable Cascade model")
  }
  if (extraSourceImages > 0 && sourceProcessing !== "remix") {
    reject("InvalidExtraSourceImages.", "Extra source images need source_processing remix")
  }
  const texts = params.extra_texts ?? []
  if (texts.length > 0 && workflow === undefined) reject("InvalidExtraTexts.", "Extra texts need a workflow")
  if (workflow === "qr_code" && !texts.some(({ reference }) => reference === "qr_code")) {
    reject("MissingExtraTexts.", "The workflow qr_code needs an extra text with the reference qr_code")
  }
}

const needSource: ReadonlySet<string> = new Set(["Stable Diffusion 2 Depth", "pix2pix"])

/** Runs the checks in the order of the real server: after the schema, and before the request is stored. */
export const checkRequest = (request: ImageRequest): void => {
  const { models, params, sourceImage, sourceMask } = request
  checkParams(request)
  checkSpecial(request)
  if (sourceMask !== undefined && sourceImage === undefined)
    reject("SourceMaskUnnecessary", "A mask needs a source image")
  checkControl(request)
  checkTransparency(request)
  checkExtras(request)
  if (params["init_as_image"] === true && params["return_control_map"] === true) {
    reject("ControlNetInvalidPayload", "init_as_image and return_control_map cannot be combined")
  }
  if (sourceImage === undefined && models.some((model) => needSource.has(model))) {
    reject("SourceImageRequiredForModel", "This model needs a source image")
  }
}
