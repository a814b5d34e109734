/**
 * What the routes of styles and collections have in common.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as HordeError from "../../HordeError.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { optional } from "../schema/optional.js"

const perSecond = { max: 2, raised: 10, per: "1 second", key: "path" } as const

/** The limits of most routes. */
export const styleLimits = [{ max: 90, raised: 300, per: "1 minute", key: "path" }, perSecond] as const

/** The limits of single image styles, and of the list of text styles. */
export const hourlyLimits = [{ max: 20, per: "1 hour", key: "path" }, perSecond] as const

/** The calls on an existing style fail with `Forbidden` if it belongs to another account. */
export const ownerErrors = [HordeError.Unauthorized, HordeError.Forbidden, HordeError.NotFound] as const

/** The query fields of all lists. */
export const pageQuery = {
  /** The order: by use (`popular`, the default) or by creation (`age`). */
  sort: optional(openEnum<OpenEnum<"popular" | "age">>()),
  /** The page, from 1. Servers up to version 5.1.5 skip one entry for each page. */
  page: optional(Schema.Int)
}

/** The query of a list of styles. */
export const styleQuery = {
  ...pageQuery,
  /** Only styles with this tag. */
  tag: optional(Schema.String),
  /** Only styles that use this model. */
  model: optional(Schema.String)
}

/**
 * Which styles are listed, and in which order.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleQuery extends Schema.Struct.Type<typeof styleQuery> {}
