/** What the routes that submit image and text jobs have in common. */
import * as Schema from "effect/Schema"
import * as HordeError from "../../HordeError.js"
import type { RequestStatusCheck } from "./models.js"

export const submitErrors = [
  HordeError.Unauthorized,
  HordeError.Forbidden,
  HordeError.KudosRefused,
  HordeError.NotFound,
  HordeError.TooManyJobs,
  HordeError.Maintenance
] as const

/** A submit and a price call share these limits, because they call the same route. */
export const submitLimits = [
  { max: 90, raised: 300, per: "1 minute", key: "path" },
  { max: 2, raised: 10, per: "1 second", key: "path" },
  { max: 2, raised: 60, per: "1 second", key: "apiKey" }
] as const

export const waiting = (reply: RequestStatusCheck): number => reply.waiting

const DryRun = Schema.Struct({ dry_run: Schema.Literal(true) })

/** The request that asks for the price of another request. */
export const dryRunOf = <A, I>(request: Schema.Schema<A, I>): Schema.Schema<A, I & typeof DryRun.Encoded> =>
  Schema.transform(Schema.extend(Schema.encodedSchema(request), DryRun), request, {
    strict: true,
    decode: (input) => input,
    encode: (input) => ({ ...input, dry_run: true as const })
  })
