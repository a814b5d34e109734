/**
 * Ratings of the pictures of a job. They need a job that is shared with the public, and the server shares none: the
 * field `shared` of a request is ignored. So every rating is refused.
 */
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { validBody } from "../http/jsonBody.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Progress from "../jobs/progress.js"
import { image } from "../kinds/image/kind.js"
import { check, integer, list, text } from "../python/jsonSchema.js"
import { refuse } from "../state/refusal.js"
import { findJob } from "./clientSide.js"

const id = text(36, 36)

const checkRatings = check<unknown>({
  type: "object",
  properties: {
    best: id,
    ratings: list({
      type: "object",
      required: ["id", "rating"],
      properties: { id, rating: integer(1, 10), artifacts: integer(0, 5) }
    })
  }
})

const rate = (context: RouteContext): never => {
  validBody(context.incoming, checkRatings)
  const job = findJob(image, context)
  if (!Progress.isDone(job)) refuse(400, "AestheticsNotCompleted", "Only completed requests can be rated")
  return refuse(400, "AestheticsNotPublic", "Only requests that are shared with the public can be rated")
}

export const ratings: ReadonlyArray<Route> = [
  {
    endpoint: ImageGeneration.Rate.declaration,
    handler: rate,
    namesJob: true
  }
]
