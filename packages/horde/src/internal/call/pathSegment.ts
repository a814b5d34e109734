/** Ids as path segments. A server, a ticket or a journal may hold any text in place of an id. */
import * as Schema from "effect/Schema"
import { mask } from "../schema/sensitive.js"

/** URL resolution removes a dot segment, percent-encoded or not: it would reach another path. */
const isDots = (segment: string): boolean => segment === "." || segment === ".."

/** Half of a surrogate pair cannot be percent-encoded. */
const isWellFormed = (segment: string): boolean => !/\p{Surrogate}/u.test(segment)

/** Why a text is not a valid path segment; `undefined` if it is. */
export const segmentFault = (segment: string): string | undefined => {
  if (segment === "") return "must not be empty"
  if (isDots(segment)) return "must not be a dot segment"
  return isWellFormed(segment) ? undefined : "must be well-formed text"
}

/** Whether a text can be the id of a job. The mask replaces an id that was redacted. */
export const isJobId = (id: string): boolean => segmentFault(id) === undefined && id !== mask

/** The id of a job of any kind. */
export const JobId = Schema.NonEmptyString.pipe(Schema.filter(isJobId, { description: "a valid path segment" }))
