/**
 * The JSON schema of text requests, as the real server applies it. It is independent of the SDK's schemas, so that an
 * error in those is not repeated here.
 */
import {
  bool,
  type Check,
  check,
  integer,
  list,
  number,
  oneOf,
  type Schema,
  string,
  text
} from "../../python/jsonSchema.js"
import type { TextBody } from "../../state/textRequest.js"
import * as Version from "../../state/version.js"

/** The parameters for the samplers, which only workers use. */
const samplerParams: Readonly<Record<string, Schema>> = {
  frmtadsnsp: bool,
  frmtrmblln: bool,
  frmtrmspch: bool,
  frmttriminc: bool,
  rep_pen: number(1, 3),
  rep_pen_range: integer(0, 4096),
  rep_pen_slope: number(0, 10),
  singleline: bool,
  temperature: number(0, 5),
  tfs: number(0, 1),
  top_a: number(0, 1),
  top_k: integer(0, 200),
  top_p: number(0.001, 1),
  typical: number(0, 1),
  sampler_order: list({ type: "integer", notFloat: true }),
  use_default_badwordsids: bool,
  stop_sequence: list(string),
  min_p: number(0, 1),
  smoothing_factor: number(0, 10),
  dynatemp_range: number(0, 5),
  dynatemp_exponent: number(0, 5)
}

/** The published defaults of the parameters that have one. */
export const defaultParams = { min_p: 0, smoothing_factor: 0, dynatemp_range: 0, dynatemp_exponent: 1 }

/** The parameters that a style can have. */
export const styleParamsUpTo = (maxLength: number): Readonly<Record<string, Schema>> => ({
  max_context_length: integer(80, 1_048_576),
  max_length: integer(16, maxLength),
  ...samplerParams
})

const paramsUpTo = (maxLength: number): Readonly<Record<string, Schema>> => ({
  n: integer(1, 20),
  ...styleParamsUpTo(maxLength)
})

const properties = {
  prompt: string,
  softprompt: text(1),
  trusted_workers: bool,
  validated_backends: bool,
  slow_workers: bool,
  extra_slow_workers: bool,
  workers: list(string),
  worker_blacklist: bool,
  models: list(string),
  dry_run: bool,
  proxied_account: string,
  extra_source_images: list({
    type: "object",
    properties: { image: text(1), strength: { type: "number" }, original_url: string }
  }),
  disable_batching: bool,
  allow_downgrade: bool,
  webhook: string,
  style: text(3, 1024)
}

const recorded = check<TextBody>({
  type: "object",
  properties: { ...properties, params: { type: "object", properties: paramsUpTo(4096) } }
})

const newer = check<TextBody>({
  type: "object",
  properties: {
    ...properties,
    params: { type: "object", properties: paramsUpTo(16_384) },
    context_fit: oneOf(["ignore", "reject", "grow"]),
    template_fields: { type: "object", additionalProperties: string }
  }
})

export const checkTextRequest = (version: Version.ServerVersion): Check<TextBody> =>
  Version.includes(version, "newer") ? newer : recorded

/** The parameters that the server knows. Others are ignored. */
export const paramNames: ReadonlySet<string> = new Set(Object.keys(paramsUpTo(0)))
