/**
 * The rate limits of the routes of styles and collections.
 */

import type { Limit } from "effect-horde/Endpoint"
import type { ModelKind } from "../state/kind.js"

const perSecond: Limit = { max: 2, raised: 10, per: "1 second", key: "path" }

export const frequent: ReadonlyArray<Limit> = [{ max: 90, raised: 300, per: "1 minute", key: "path" }, perSecond]

const rare: ReadonlyArray<Limit> = [{ max: 20, per: "1 hour", key: "path" }, perSecond]

/** The limit of routes without their own. */
export const named: ReadonlyArray<Limit> = [{ max: 90, per: "1 minute", key: "endpoint" }]

interface StyleLimits {
  readonly list: ReadonlyArray<Limit>
  readonly create: ReadonlyArray<Limit>
  readonly one: ReadonlyArray<Limit>
}

/** The real server limits the single image style, and the list of text styles, to 20 calls per hour. */
export const routeLimits = (type: ModelKind): StyleLimits =>
  type === "image" ? { list: frequent, create: frequent, one: rare } : { list: rare, create: rare, one: frequent }
