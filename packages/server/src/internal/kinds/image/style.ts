/**
 * Image styles.
 */
import type { ImageParams, ImageRequest } from "../../state/imageRequest.js"
import type { Style } from "../../state/style.js"
import * as Apply from "../../styles/apply.js"
import type { StyleKind } from "../../styles/kind.js"
import { styleChecks } from "../../styles/schema.js"
import { select } from "../requestFields.js"
import { checkParams } from "./combinations.js"
import { fromBody } from "./request.js"
import { paramSchemas } from "./schema.js"

/** The parameters that only a request can have. */
const ofRequests: ReadonlySet<string> = new Set([
  "n",
  "seed",
  "seed_variation",
  "control_type",
  "control_strength",
  "image_is_control",
  "return_control_map",
  "extra_texts",
  "use_nsfw_censor"
])

const styleParams = Object.fromEntries(Object.entries(paramSchemas).filter(([name]) => !ofRequests.has(name)))

const styleParamNames: ReadonlySet<string> = new Set(Object.keys(styleParams))

const shownParams: StyleKind["shownParams"] = (params) => select(params, styleParamNames)

export const imageStyles: StyleKind = {
  type: "image",
  checks: styleChecks(styleParams, 7),
  defaultPrompt: "{p}{np}",
  placeholders: ["{p}", "{np}"],
  checkParams: (_world, { models, params, prompt }) => checkParams(fromBody({ prompt, models, params })),
  shownParams,
  hasExamples: true
}

/** Separates the prompt from the negative prompt. */
const separator = "###"

/** A template without the separator gets it with the negative prompt. */
const fillPrompt = (style: Style, request: ImageRequest): string => {
  const { prompt: template } = style.content
  const [prompt = "", ...negative] = request.prompt.split(separator)
  const negativePrompt = negative.join(separator)
  const np = negativePrompt === "" || template.includes(separator) ? negativePrompt : `${separator}${negativePrompt}`
  return Apply.fill(template, { ...Apply.fieldValues(style, request.templateFields), p: prompt, np })
}

/** The request as the style makes it; `body` stays as received. */
export const withStyle = (request: ImageRequest, style: Style): ImageRequest => {
  const { models, nsfw, parameterPolicy, params } = style.content
  const prompt = fillPrompt(style, request)
  const merged = Apply.mergeParams<ImageParams>(request.params, shownParams(params), parameterPolicy)
  return { ...fromBody({ ...request.body, prompt, params: merged, models, nsfw }), body: request.body }
}
