/** The errors of a journal in a database. */
import type { SqlError } from "@effect/sql/SqlError"
import * as Predicate from "effect/Predicate"
import { JournalFailed } from "effect-horde/HordeError"

const path = "(the journal)"

/** Why is not told: the database's own words may quote a row, or an address with its password. */
export const unavailable = (method: string, message = "the database refused or lost the statement"): JournalFailed =>
  new JournalFailed({ method, path, message, reason: "Unavailable" })

/** What became of the file is told, since nobody else's words are in it. */
export const refused = (method: string, { cause }: SqlError): JournalFailed =>
  Predicate.isTagged(cause, "FileRemoved") && Predicate.hasProperty(cause, "filename")
    ? unavailable(method, `the file ${String(cause.filename)} was removed or replaced: restart this program`)
    : unavailable(method)

export const notMine = (method: string): JournalFailed =>
  new JournalFailed({ method, path, message: "another program has taken this job over", reason: "NotMine" })
