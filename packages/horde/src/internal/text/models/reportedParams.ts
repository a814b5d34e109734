/**
 * Generation parameters of texts as the server reports them, to clients and to workers. Undeclared fields are kept.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Reported } from "../../jobs/requestModels.js"
import { nullable } from "../../schema/nullable.js"
import type { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import type { ModelGenerationInputKobold } from "./params.js"

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)

/** The parameters that clients and workers get under the same names. */
export const reportedParamsFields = {
  n: number,
  max_length: number,
  max_context_length: number,
  temperature: number,
  top_p: number,
  top_k: number,
  top_a: number,
  min_p: number,
  typical: number,
  tfs: number,
  rep_pen: number,
  rep_pen_range: number,
  rep_pen_slope: number,
  smoothing_factor: number,
  dynatemp_range: number,
  dynatemp_exponent: number,
  sampler_order: nullable(Schema.Array(Schema.Number)),
  stop_sequence: nullable(Schema.Array(sensitive(Schema.String))),
  use_default_badwordsids: flag,
  frmtadsnsp: flag,
  frmtrmblln: flag,
  frmtrmspch: flag,
  frmttriminc: flag,
  singleline: flag
}

/**
 * The generation parameters of a reported request. The server adds its defaults.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmittedParams extends FreeForm, Reported<ModelGenerationInputKobold> {}

const Params = Schema.Struct(reportedParamsFields, Schema.Record({ key: Schema.String, value: Schema.Unknown }))

/** The schema of {@link SubmittedParams}. */
export const SubmittedParams: Schema.Schema<SubmittedParams, typeof Params.Encoded> = Params
