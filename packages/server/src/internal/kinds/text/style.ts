/**
 * Text styles.
 */
import type { Style } from "../../state/style.js"
import type { TextParams, TextRequest } from "../../state/textRequest.js"
import * as Apply from "../../styles/apply.js"
import type { StyleKind } from "../../styles/kind.js"
import { styleChecks } from "../../styles/schema.js"
import { select } from "../requestFields.js"
import { fromBody } from "./request.js"
import { defaultParams, styleParamsUpTo } from "./schema.js"

const styleParams = styleParamsUpTo(16_384)

const styleParamNames: ReadonlySet<string> = new Set(Object.keys(styleParams))

export const textStyles: StyleKind = {
  type: "text",
  checks: styleChecks(styleParams, 3),
  defaultPrompt: "{p}",
  placeholders: ["{p}"],
  checkParams: () => {},
  shownParams: (params) => ({ ...defaultParams, ...select(params, styleParamNames) }),
  hasExamples: false
}

/** The request as the style makes it; `body` stays as received. */
export const withStyle = (request: TextRequest, style: Style): TextRequest => {
  const { models, parameterPolicy, params, prompt } = style.content
  const merged = Apply.mergeParams<TextParams>(request.params, select(params, styleParamNames), parameterPolicy)
  const values = { ...Apply.fieldValues(style, request.templateFields), p: request.prompt }
  return { ...fromBody({ ...request.body, params: merged, models }, Apply.fill(prompt, values)), body: request.body }
}
