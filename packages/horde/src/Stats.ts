/**
 * Statistics of the horde: results and models of the last minute, hour, day and month, and of all time.
 *
 * The server counts by scheduled jobs: totals once a minute, models once a day.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import { type Model, model } from "./internal/schema/model.js"
import { nullable, nullableNumber } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { optional } from "./internal/schema/optional.js"

const imageCountFields = {
  images: nullableNumber,
  /** Pixels × steps. */
  ps: nullableNumber
}

/**
 * The images of a period.
 *
 * @since 0.1.0
 * @category models
 */
export interface SinglePeriodImgStat extends Schema.Struct.Type<typeof imageCountFields> {}

const imageCount: Model<SinglePeriodImgStat, typeof imageCountFields> = model("SinglePeriodImgStat", imageCountFields)

const textCountFields = { requests: nullableNumber, tokens: nullableNumber }

/**
 * The texts of a period.
 *
 * @since 0.1.0
 * @category models
 */
export interface SinglePeriodTxtStat extends Schema.Struct.Type<typeof textCountFields> {}

const textCount: Model<SinglePeriodTxtStat, typeof textCountFields> = model("SinglePeriodTxtStat", textCountFields)

const periods = <A, I>(count: Schema.Schema<A, I>) => ({
  minute: nullable(count),
  hour: nullable(count),
  day: nullable(count),
  month: nullable(count),
  total: nullable(count)
})

const imageTotalsFields = periods(imageCount)

/**
 * The images of each period.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatsImgTotals extends Schema.Struct.Type<typeof imageTotalsFields> {}

/**
 * The schema of {@link StatsImgTotals}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StatsImgTotals: Model<StatsImgTotals, typeof imageTotalsFields> = model(
  "StatsImgTotals",
  imageTotalsFields
)

const textTotalsFields = periods(textCount)

/**
 * The texts of each period.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatsTxtTotals extends Schema.Struct.Type<typeof textTotalsFields> {}

/**
 * The schema of {@link StatsTxtTotals}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StatsTxtTotals: Model<StatsTxtTotals, typeof textTotalsFields> = model("StatsTxtTotals", textTotalsFields)

const countsByModel = nullable(Schema.Record({ key: Schema.String, value: Schema.Number }))

const modelsFields = { day: countsByModel, month: countsByModel, total: countsByModel }

/**
 * The number of results of each period, by model. Models without results are absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStats extends Schema.Struct.Type<typeof modelsFields> {}

/** The models of images and of texts have equal fields and different names. */
const modelStats = (identifier: string): Model<ModelStats, typeof modelsFields> => model(identifier, modelsFields)

/**
 * `GET /v2/stats/img/totals`: the number of images. The server caches its reply for 50 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/stats/img/totals}
 * @since 0.1.0
 * @category endpoints
 */
export class ImageTotals extends /* @__PURE__ */ Endpoint.Service<ImageTotals>()("Stats/ImageTotals", {
  method: "GET",
  path: "/v2/stats/img/totals",
  success: { 200: StatsImgTotals },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

const imageModelsFields = {
  /** Whether models of the server's own list (`known`, by default), others (`custom`) or `all` are counted. */
  model_state: optional(openEnum<OpenEnum<"known" | "custom" | "all">>())
}

/**
 * Which models are counted.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageModelsQuery extends Schema.Struct.Type<typeof imageModelsFields> {}

/**
 * `GET /v2/stats/img/models`: the number of images by model. The server caches its reply for 50 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/stats/img/models}
 * @since 0.1.0
 * @category endpoints
 */
export class ImageModels extends /* @__PURE__ */ Endpoint.Service<ImageModels>()("Stats/ImageModels", {
  method: "GET",
  path: "/v2/stats/img/models",
  query: imageModelsFields,
  success: { 200: modelStats("ImgModelStats") },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/stats/text/totals`: the number of texts. The server caches its reply for 50 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/stats/text/totals}
 * @since 0.1.0
 * @category endpoints
 */
export class TextTotals extends /* @__PURE__ */ Endpoint.Service<TextTotals>()("Stats/TextTotals", {
  method: "GET",
  path: "/v2/stats/text/totals",
  success: { 200: StatsTxtTotals },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/stats/text/models`: the number of texts by model. The server caches its reply for 50 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/stats/text/models}
 * @since 0.1.0
 * @category endpoints
 */
export class TextModels extends /* @__PURE__ */ Endpoint.Service<TextModels>()("Stats/TextModels", {
  method: "GET",
  path: "/v2/stats/text/models",
  success: { 200: modelStats("TxtModelStats") },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * The errors of {@link imageTotals}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ImageTotalsError = Endpoint.ErrorOf<typeof ImageTotals>

/**
 * The number of images. The reply may be up to 50 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const imageTotals: Effect.Effect<StatsImgTotals, ImageTotalsError, ImageTotals> = Effect.flatMap(
  ImageTotals,
  (call) => call()
)

/**
 * The errors of {@link imageModels}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ImageModelsError = Endpoint.ErrorOf<typeof ImageModels>

/**
 * The number of images by model. The reply may be up to 50 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const imageModels = (query: ImageModelsQuery = {}): Effect.Effect<ModelStats, ImageModelsError, ImageModels> =>
  Effect.flatMap(ImageModels, (call) => call({ query }))

/**
 * The errors of {@link textTotals}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TextTotalsError = Endpoint.ErrorOf<typeof TextTotals>

/**
 * The number of texts. The reply may be up to 50 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const textTotals: Effect.Effect<StatsTxtTotals, TextTotalsError, TextTotals> = Effect.flatMap(
  TextTotals,
  (call) => call()
)

/**
 * The errors of {@link textModels}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TextModelsError = Endpoint.ErrorOf<typeof TextModels>

/**
 * The number of texts by model. The reply may be up to 50 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const textModels: Effect.Effect<ModelStats, TextModelsError, TextModels> = Effect.flatMap(TextModels, (call) =>
  call()
)

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ImageTotals | ImageModels | TextTotals | TextModels, never, HordeClient> =
  /* @__PURE__ */ Layer.suspend(() =>
    Layer.mergeAll(ImageTotals.layer, ImageModels.layer, TextTotals.layer, TextModels.layer)
  )
