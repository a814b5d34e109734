/**
 * The JSON schemas of styles, as the real server applies them.
 */
import { bool, type Check, check, list, oneOf, type Schema, string, text } from "../python/jsonSchema.js"
import type { ParameterPolicy, TemplateField } from "../state/style.js"

/** The body of a valid request that creates or modifies a style. The argument parser requires the name. */
export interface StyleBody {
  readonly name?: string
  readonly info?: string
  readonly prompt?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly public?: boolean
  readonly nsfw?: boolean
  readonly tags?: ReadonlyArray<string>
  readonly models?: ReadonlyArray<string>
  readonly sharedkey?: string
  readonly template_fields?: ReadonlyArray<TemplateField>
  readonly parameter_policy?: ParameterPolicy
}

export interface StyleChecks {
  readonly create: Check<StyleBody>
  readonly modify: Check<StyleBody>
}

const common = {
  name: text(1, 100),
  public: bool,
  nsfw: bool,
  tags: list(text(1, 25)),
  models: list(text(1)),
  sharedkey: text(36, 36),
  template_fields: list({
    type: "object",
    required: ["name"],
    properties: { name: text(1, 32), description: text(1, 200), required: bool }
  }),
  parameter_policy: {
    type: "object",
    properties: {
      override: oneOf(["none", "listed", "all"]),
      overridable: list(string),
      ceilings: { type: "object", additionalProperties: { type: "number" } }
    }
  }
}

/** The schemas of one type of styles, by the schemas of its parameters. */
export const styleChecks = (params: Readonly<Record<string, Schema>>, minPrompt: number): StyleChecks => {
  const properties = { ...common, params: { type: "object", properties: params } }
  return {
    create: check({
      type: "object",
      required: ["name"],
      properties: { ...properties, info: text(10, 1000), prompt: text(minPrompt) }
    }),
    modify: check({ type: "object", properties: { ...properties, info: text(1, 1000), prompt: text(7) } })
  }
}
