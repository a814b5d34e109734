/**
 * The contracts of newer servers: which samplers accept which settings, and what styles may declare. Programs import
 * them from `Status`.
 */
import * as Schema from "effect/Schema"
import { type Model, model } from "../schema/model.js"
import { nullable, nullableFlag, nullableNumber, nullableText, nullableTexts } from "../schema/nullable.js"
import { FreeForm } from "../schema/optional.js"

const record = <A, I>(value: Schema.Schema<A, I>) => nullable(Schema.Record({ key: Schema.String, value }))

const settingFields = {
  /** The least value, inclusive. */
  minimum: nullableNumber,
  /** The greatest value, inclusive; absent without a limit. */
  maximum: nullableNumber,
  /** The value of a request without this setting; absent for none. */
  default: nullableNumber,
  integer_only: nullableFlag
}

const samplerFields = {
  name: nullableText,
  /** How the work of the sampler depends on the steps. */
  work_profile: nullable(FreeForm),
  /** The measured time of a step relative to `k_euler`; absent for a sampler that chooses its number of steps. */
  measured_cost_ratio_sd15: nullableNumber,
  measured_cost_ratio_sdxl: nullableNumber,
  /** How prominently to offer the sampler; it restricts nothing. */
  presentation_tier: nullableText,
  /** The values of `sampler_solver_type`; empty if the sampler accepts none. */
  solver_type_choices: nullableTexts,
  /** The numeric settings of a request that the sampler accepts, by field. */
  accepted_settings: record(Schema.Struct(settingFields)),
  /** Whether the sampler expects a much lower `cfg_scale`. */
  applies_cfg_pp: nullableFlag
}

/**
 * What a sampler accepts and costs.
 *
 * @since 0.1.0
 * @category models
 */
export interface SamplerContract extends Schema.Struct.Type<typeof samplerFields> {}

const SamplerContract: Model<SamplerContract, typeof samplerFields> = Schema.Struct(samplerFields)

const constraintsFields = {
  schema_version: nullableText,
  execution_contracts: nullable(Schema.Object),
  /** By the name of the sampler. */
  samplers: record(SamplerContract),
  /** What the server refuses. */
  hard_constraints: nullable(
    Schema.Struct({
      rejected_sampler_scheduler_pairings: nullable(
        Schema.Array(Schema.Struct({ sampler: nullableText, scheduler: nullableText }))
      ),
      /** The baselines that a scheduler works with, by the name of the scheduler. */
      scheduler_baseline_applicability: record(Schema.Array(Schema.String))
    })
  ),
  recommendations: nullable(Schema.Object),
  advisories: nullable(Schema.Object),
  work_accounting: nullable(FreeForm),
  presentation_tiers: nullable(FreeForm)
}

/**
 * The samplers of the server, and the combinations that it refuses.
 *
 * @since 0.1.0
 * @category models
 */
export interface SamplerConstraintsDocument extends Schema.Struct.Type<typeof constraintsFields> {}

/**
 * The schema of {@link SamplerConstraintsDocument}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SamplerConstraintsDocument: Model<SamplerConstraintsDocument, typeof constraintsFields> = model(
  "SamplerConstraintsDocument",
  constraintsFields
)

const styleTypeFields = {
  /** The placeholders that the server fills itself, without braces. */
  placeholders: nullableTexts,
  /** Whether declared template fields are placeholders too. */
  declared_fields_are_placeholders: nullableFlag,
  /** Text of a template that stays as it is, as regular expressions. */
  protected_patterns: nullable(Schema.Array(Schema.Struct({ pattern: nullableText, description: nullableText }))),
  /** The meaning of braces in a template. */
  brace_handling: nullableText,
  /** The parameters that a style may let requests override. */
  overridable_parameters: nullableTexts,
  /** The parameters that a style may cap, and the range of the cap. */
  ceiling_parameters: record(Schema.Struct({ minimum: nullableNumber, maximum: nullableNumber })),
  /** How a text request is fitted into the context; absent for images. */
  context_fit_modes: nullableTexts,
  /** Such as `20/hour`. */
  style_create_rate_limits: nullableTexts,
  style_modify_rate_limits: nullableTexts
}

/**
 * What styles of one kind may declare.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleContractStyleType extends Schema.Struct.Type<typeof styleTypeFields> {}

const StyleType: Model<StyleContractStyleType, typeof styleTypeFields> = model(
  "StyleContractStyleType",
  styleTypeFields
)

const styleContractFields = {
  schema_version: nullableNumber,
  text: nullable(StyleType),
  image: nullable(StyleType)
}

/**
 * What styles may declare.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleContract extends Schema.Struct.Type<typeof styleContractFields> {}

/**
 * The schema of {@link StyleContract}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StyleContract: Model<StyleContract, typeof styleContractFields> = model(
  "StyleContract",
  styleContractFields
)
