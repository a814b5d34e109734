/**
 * The server's documents: terms of service, privacy policy, sponsors.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import { type Model, model } from "./internal/schema/model.js"
import { nullableText } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { optional } from "./internal/schema/optional.js"

const documentFields = {
  /** The document as HTML, if that format was requested. */
  html: nullableText,
  /** The document as Markdown, if that format was requested. */
  markdown: nullableText
}

/**
 * A document, in the requested format.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordeDocument extends Schema.Struct.Type<typeof documentFields> {}

/**
 * The schema of {@link HordeDocument}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HordeDocument: Model<HordeDocument, typeof documentFields> = model("HordeDocument", documentFields)

/**
 * The formats of a document.
 *
 * @since 0.1.0
 * @category models
 */
export type Format = OpenEnum<"html" | "markdown">

const query = {
  /** `html` by default. */
  format: optional(openEnum<Format>())
}

/**
 * `GET /v2/documents/terms`: the terms of service. It needs no API key. An unknown format is `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/documents/terms}
 * @since 0.1.0
 * @category endpoints
 */
export class Terms extends /* @__PURE__ */ Endpoint.Service<Terms>()("Documents/Terms", {
  method: "GET",
  path: "/v2/documents/terms",
  query,
  success: { 200: HordeDocument },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/documents/privacy`: the privacy policy. It needs no API key. An unknown format is `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/documents/privacy}
 * @since 0.1.0
 * @category endpoints
 */
export class Privacy extends /* @__PURE__ */ Endpoint.Service<Privacy>()("Documents/Privacy", {
  method: "GET",
  path: "/v2/documents/privacy",
  query,
  success: { 200: HordeDocument },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/documents/sponsors`: the sponsors. It needs no API key. An unknown format is `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/documents/sponsors}
 * @since 0.1.0
 * @category endpoints
 */
export class Sponsors extends /* @__PURE__ */ Endpoint.Service<Sponsors>()("Documents/Sponsors", {
  method: "GET",
  path: "/v2/documents/sponsors",
  query,
  success: { 200: HordeDocument },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * The errors of {@link terms}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TermsError = Endpoint.ErrorOf<typeof Terms>

/**
 * The terms of service, as HTML by default.
 *
 * @since 0.1.0
 * @category functions
 */
export const terms = (format?: Format): Effect.Effect<HordeDocument, TermsError, Terms> =>
  Effect.flatMap(Terms, (call) => call({ query: { format } }))

/**
 * The errors of {@link privacy}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PrivacyError = Endpoint.ErrorOf<typeof Privacy>

/**
 * The privacy policy, as HTML by default.
 *
 * @since 0.1.0
 * @category functions
 */
export const privacy = (format?: Format): Effect.Effect<HordeDocument, PrivacyError, Privacy> =>
  Effect.flatMap(Privacy, (call) => call({ query: { format } }))

/**
 * The errors of {@link sponsors}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SponsorsError = Endpoint.ErrorOf<typeof Sponsors>

/**
 * The sponsors, as HTML by default.
 *
 * @since 0.1.0
 * @category functions
 */
export const sponsors = (format?: Format): Effect.Effect<HordeDocument, SponsorsError, Sponsors> =>
  Effect.flatMap(Sponsors, (call) => call({ query: { format } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Terms | Privacy | Sponsors, never, HordeClient> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(Terms.layer, Privacy.layer, Sponsors.layer)
)
