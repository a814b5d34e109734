/**
 * What an image request may not combine, in the order in which the real server looks at it. All of this comes after the
 * schema, and before anything is stored.
 */

import { refuse } from "../../http/reply.js"
import * as Models from "../../jobs/models.js"
import * as Python from "../../python/values.js"
import type { ImageRequest } from "./request.js"
import { postProcessors } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

const no = (rc: string, message: string): never => refuse(400, rc, message)

const itemsOf = (params: Fields, name: string): ReadonlyArray<Fields> => (params[name] ?? []) as ReadonlyArray<Fields>

/** Python's truth: what is empty counts as not given. */
const isGiven = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value)

/** Those that do not make the picture larger. */
const plainProcessors: ReadonlySet<string> = new Set([
  "GFPGAN",
  "CodeFormers",
  "strip_background",
  "GFPGANv1.3",
  "RestoreFormer"
])

const checkParams = ({ cfgScale, loras, models, params, postProcessing, prompt, tis }: ImageRequest): void => {
  if (params["hires_fix"] === true && Models.isAnyOf(models, "flux", "qwen", "z-image")) {
    no("HiResMismatch", "hires_fix does not work with this model")
  }
  if (loras > 5) no("TooManyLoras", "At most 5 LoRAs")
  for (const { is_version, name } of itemsOf(params, "loras")) {
    if (is_version === true && !Python.isDigits(String(name))) no("BadLoraVersion", "A LoRA version is a number")
  }
  if (tis > 20) no("TooManyTIs", "At most 20 textual inversions")
  if (params["transparent"] === true && !models.every((model) => /^sd(1|xl)$/.test(Models.familyOf(model)))) {
    no("InvalidTransparencyModel", "Transparent pictures need a Stable Diffusion 1 or XL model")
  }
  if (params["workflow"] === "qr_code" && !models.every((model) => /^sd(1|xl)$/.test(Models.familyOf(model)))) {
    no("ControlNetMismatch.", "The workflow qr_code needs a Stable Diffusion 1 or XL model")
  }
  if (Python.countWords(prompt) > 7500) no("InvalidPromptSize", "At most 7500 words")
  if (models.some((model) => postProcessors.includes(model)))
    no("UnexpectedModelName", "This is not the name of a model")
  if (postProcessing.filter((name) => !plainProcessors.has(name)).length > 1) {
    no("TooManyUpscalers", "At most one upscaler")
  }
  // NaN differs from itself, as it does in Python.
  if (Number(cfgScale.toFixed(2)) !== cfgScale) no("BadCFGDecimals", "The guidance scale may have two decimals")
}

/** No account of the embedded horde has the special role. */
const checkSpecial = ({ models, params }: ImageRequest): void => {
  if (models.some((model) => model.includes("horde_special"))) {
    refuse(403, "Forbidden", "Only special accounts may ask for special models")
  }
  if (isGiven(params["special"])) no("BadRequest", "Only special accounts may send the field special")
}

const checkControl = ({ controlType, models, sourceImage, sourceProcessing }: ImageRequest): void => {
  if (controlType === undefined) return
  if (["normal", "mlsd", "hough"].includes(controlType) && Models.isAnyOf(models, "sd2")) {
    no("ControlNetUnsupported", "There is no such control type for Stable Diffusion 2")
  }
  if (models.includes("pix2pix")) no("ControlNetUnsupported", "This model takes no control type")
  if (sourceImage === undefined) no("ControlNetSourceMissing", "A control type needs a source image")
  if (sourceProcessing === "inpainting") {
    no("ControlNetInpaintingMismatch", "A control type does not go with inpainting")
  }
  if (Models.isAnyOf(models, "sdxl", "cascade", "flux", "qwen", "z-image")) {
    no("ControlNetMismatch", "A control type does not work with this model")
  }
}

const checkTransparency = ({ controlType, params, sourceImage }: ImageRequest): void => {
  if (params["transparent"] !== true) return
  if (sourceImage !== undefined) no("InvalidTransparencyImg2Img", "A transparent picture takes no source image")
  if (controlType !== undefined) no("InvalidTransparencyCN", "A transparent picture takes no control type")
}

const checkExtras = ({ extraSourceImages, models, params, sourceProcessing, workflow }: ImageRequest): void => {
  if (sourceProcessing === "remix" && !models.every((model) => Models.familyOf(model) === "cascade")) {
    no("InvalidRemix", "Only Stable Cascade models can remix")
  }
  if (extraSourceImages > 0 && sourceProcessing !== "remix") {
    no("InvalidExtraSourceImages.", "Extra source images are for remix")
  }
  const texts = itemsOf(params, "extra_texts")
  if (texts.length > 0 && workflow === undefined) no("InvalidExtraTexts.", "Extra texts are for workflows")
  if (workflow === "qr_code" && !texts.some(({ reference }) => reference === "qr_code")) {
    no("MissingExtraTexts.", "The workflow qr_code needs an extra text with the reference qr_code")
  }
}

const needSource: ReadonlySet<string> = new Set(["Stable Diffusion 2 Depth", "pix2pix"])

export const checkImage = (request: ImageRequest): void => {
  const { models, params, sourceImage, sourceMask } = request
  checkParams(request)
  checkSpecial(request)
  if (sourceMask !== undefined && sourceImage === undefined) no("SourceMaskUnnecessary", "A mask needs a source image")
  checkControl(request)
  checkTransparency(request)
  checkExtras(request)
  if (params["init_as_image"] === true && params["return_control_map"] === true) {
    no("ControlNetInvalidPayload", "A control map cannot be both sent and asked for")
  }
  if (sourceImage === undefined && models.some((model) => needSource.has(model))) {
    no("SourceImageRequiredForModel", "This model needs a source image")
  }
}
