/** Ids that stand in a path. A server, a ticket or a journal may hold any text where an id should be. */
import * as Schema from "effect/Schema"
import { mask } from "../schema/sensitive.js"

/** URL resolution removes a dot segment, percent-encoded or not: it would reach another path. */
const isDots = (segment: string): boolean => segment === "." || segment === ".."

/** Half of a surrogate pair cannot be percent-encoded. */
const isWellFormed = (segment: string): boolean => !/\p{Surrogate}/u.test(segment)

/** Why a text cannot be a segment of a path; `undefined` where it can. */
export const segmentFault = (segment: string): string | undefined => {
  if (segment === "") return "must not be empty"
  if (isDots(segment)) return "must not be a dot segment"
  return isWellFormed(segment) ? undefined : "must be well-formed text"
}

/** Whether a text can be the id of a job. The mask stands for an id that was hidden. */
export const isJobId = (id: string): boolean => segmentFault(id) === undefined && id !== mask

/** The id of a job, whatever its kind. */
export const JobId = Schema.NonEmptyString.pipe(
  Schema.filter(isJobId, { description: "an id that can stand in a path" })
)
