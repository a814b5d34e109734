/**
 * The generation parameters that styles and requests for texts have in common.
 *
 * Where no default is given, the worker decides.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { identity } from "../../schema/identity.js"
import { type Model, model } from "../../schema/model.js"
import { extra, optional } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"

const Int = (min: number, max: number) => Schema.Int.pipe(Schema.between(min, max))
const Range = (min: number, max: number) => Schema.Number.pipe(Schema.between(min, max))

/** A parameter that the server leaves absent if it was not sent. */
const sent = <A, I>(schema: Schema.Schema<A, I>) => optional(identity(schema, "contentWithoutDefault"))
const flag = sent(Schema.Boolean)
const int = (min: number, max: number) => sent(Int(min, max))
const number = (min: number, max: number) => sent(Range(min, max))

const distinct = <A>(items: ReadonlyArray<A>): number => new Set(items).size

const SamplerOrder = Schema.Array(Schema.Int).pipe(
  Schema.filter((ids) => distinct(ids) >= 7, { description: "a list of at least 7 different ids" })
)

const StopSequences = Schema.Array(sensitive(Schema.String)).pipe(
  Schema.filter((texts) => distinct(texts) <= 128 && [...new Set(texts)].join("").length <= 2000, {
    description: "a list of at most 128 different texts with at most 2000 characters together"
  })
)

/** The parameters of a style. */
export const styleParamsFields = {
  /** The randomness of the text, 0 to 5. */
  temperature: number(0, 5),
  /** Keeps the most likely tokens whose probabilities sum to this value, 0.001 to 1. */
  top_p: number(0.001, 1),
  /** The number of most likely tokens to keep, 0 to 200; 0 for all. */
  top_k: int(0, 200),
  /** The threshold of top-a sampling, 0 to 1. */
  top_a: number(0, 1),
  /** The minimum probability of a token relative to the most likely one, 0 to 1; 0 by default. */
  min_p: optional(Range(0, 1)),
  /** The threshold of typical sampling, 0 to 1. */
  typical: number(0, 1),
  /** The threshold of tail-free sampling, 0 to 1. */
  tfs: number(0, 1),
  /** The penalty for repeated tokens, 1 (none) to 3. */
  rep_pen: number(1, 3),
  /** The number of latest tokens in which repeats are penalised, 0 to 4096. */
  rep_pen_range: int(0, 4096),
  /** The slope of the penalty within its range, 0 to 10. */
  rep_pen_slope: number(0, 10),
  /** The smoothing factor of quadratic sampling, 0 to 10; 0 by default. */
  smoothing_factor: optional(Range(0, 10)),
  /** The range of the dynamic temperature, 0 to 5; 0 by default. */
  dynatemp_range: optional(Range(0, 5)),
  /** The exponent of the dynamic temperature, 0 to 5; 1 by default. */
  dynatemp_exponent: optional(Range(0, 5)),
  /** The ids of the samplers in the order of application: at least 7 different ones, 0 to 6 in most programs. */
  sampler_order: sent(SamplerOrder),
  /** The text ends before any of these: at most 128, with at most 2000 characters together. */
  stop_sequence: sent(StopSequences),
  /** Whether the worker's default list of forbidden tokens is used. */
  use_default_badwordsids: flag,
  /** Whether a space is added before the text if the prompt does not end with one. */
  frmtadsnsp: flag,
  /** Whether repeated empty lines are removed. */
  frmtrmblln: flag,
  /** Whether special characters are removed. */
  frmtrmspch: flag,
  /** Whether an incomplete last sentence is removed. */
  frmttriminc: flag,
  /** Whether the text ends at its first line break. */
  singleline: flag,
  /** Fields that this version does not declare. */
  extra
}

/**
 * The generation parameters of a text style.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStyleInputParamsKobold extends Schema.Struct.Type<typeof styleParamsFields> {}

/**
 * The schema of {@link ModelStyleInputParamsKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStyleInputParamsKobold: Model<ModelStyleInputParamsKobold, typeof styleParamsFields> = model(
  "ModelStyleInputParamsKobold",
  styleParamsFields
)
