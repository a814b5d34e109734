/**
 * Documents of newer servers for programs: what samplers accept, and what styles may declare. They describe the
 * embedded horde, whose rules are those of its request schemas.
 */
import * as Status from "effect-horde/Status"
import * as Styles from "effect-horde/Styles"
import { maskedJson } from "../http/fieldMask.js"
import { describeLimit } from "../http/limiter.js"
import type { Endpoint, Handler, Route } from "../http/route.js"
import { paramNames as imageParams, samplers, schedulers } from "../kinds/image/schema.js"
import { paramNames as textParams } from "../kinds/text/schema.js"

const recommended: ReadonlySet<string> = new Set(["k_euler", "k_euler_a", "k_dpmpp_2m", "k_dpmpp_sde"])

/** A setting of samplers whose only bound is 0. */
const setting = { minimum: 0, maximum: null, default: null, integer_only: false }

const samplerSettings = {
  sampler_eta: setting,
  sampler_s_noise: setting,
  sampler_s_churn: setting,
  sampler_s_tmin: setting,
  sampler_s_tmax: setting,
  sampler_order: { ...setting, minimum: 1, integer_only: true }
}

/** The embedded horde does not measure samplers, and accepts every setting with every sampler. */
const samplerRecord = (name: string) => ({
  name,
  work_profile: { kind: "fixed_rate", marginal_work_units_per_trajectory_step: 1 },
  measured_cost_ratio_sd15: null,
  measured_cost_ratio_sdxl: null,
  presentation_tier: recommended.has(name) ? "recommended" : "advanced",
  solver_type_choices: ["midpoint", "heun", "phi_1", "phi_2"],
  accepted_settings: samplerSettings,
  applies_cfg_pp: name.endsWith("cfg_pp")
})

const samplerConstraints = {
  schema_version: "1.0",
  execution_contracts: {},
  samplers: Object.fromEntries(samplers.map((name) => [name, samplerRecord(name)])),
  hard_constraints: {
    rejected_sampler_scheduler_pairings: [],
    scheduler_baseline_applicability: Object.fromEntries(schedulers.map((name) => [name, []]))
  },
  recommendations: [],
  advisories: {},
  work_accounting: {},
  presentation_tiers: { recommended: [...recommended].sort() }
}

const sorted = (names: ReadonlySet<string>): ReadonlyArray<string> => [...names].sort()

/** Limits as servers write them: `20/hour`. */
const written = ({ limits }: Endpoint): ReadonlyArray<string> =>
  limits.map((limit) => describeLimit(limit).replace(" per 1 ", "/"))

const rateLimits = (create: Endpoint, modify: Endpoint) => ({
  style_create_rate_limits: written(create),
  style_modify_rate_limits: written(modify)
})

const braceHandling = "Only placeholders are replaced; other braces are literal"

const styleContract = {
  schema_version: 1,
  text: {
    placeholders: ["p"],
    declared_fields_are_placeholders: true,
    protected_patterns: [{ pattern: "\\{\\{\\[[A-Z_]+\\]\\}\\}", description: "Tags of instruction templates" }],
    brace_handling: braceHandling,
    overridable_parameters: sorted(textParams),
    ceiling_parameters: {
      max_length: { minimum: 16, maximum: 16_384 },
      max_context_length: { minimum: 80, maximum: 1_048_576 }
    },
    context_fit_modes: ["ignore", "reject", "grow"],
    ...rateLimits(Styles.CreateText.declaration, Styles.ModifyText.declaration)
  },
  image: {
    placeholders: ["p", "np"],
    declared_fields_are_placeholders: true,
    protected_patterns: [],
    brace_handling: braceHandling,
    overridable_parameters: sorted(imageParams),
    ceiling_parameters: { steps: { minimum: 1, maximum: 500 }, n: { minimum: 1, maximum: 20 } },
    context_fit_modes: null,
    ...rateLimits(Styles.CreateImage.declaration, Styles.ModifyImage.declaration)
  }
}

const getSamplerConstraints: Handler = ({ incoming }) => maskedJson(incoming, 200, samplerConstraints)

const getStyleContract: Handler = ({ incoming }) => maskedJson(incoming, 200, styleContract)

export const contracts: ReadonlyArray<Route> = [
  {
    endpoint: Status.SamplerConstraints.declaration,
    handler: getSamplerConstraints,
    since: "newer"
  },
  { endpoint: Status.StyleContract.declaration, handler: getStyleContract, since: "newer" }
]
