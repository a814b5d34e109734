/** The reply of calls that have nothing to report. Programs import it from `SharedKeys`. */
import * as Schema from "effect/Schema"
import { fallback } from "./tolerantDecoder.js"

const simpleFields = { message: fallback(Schema.String, "") }

/**
 * A reply that only confirms success.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimpleResponse extends Schema.Struct.Type<typeof simpleFields> {}

/**
 * The schema of {@link SimpleResponse}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SimpleResponse: Schema.Schema<SimpleResponse> = /* @__PURE__ */ Schema.Struct(simpleFields).annotations({
  identifier: "SimpleResponse"
})
