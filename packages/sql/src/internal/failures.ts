/** The errors of a journal in a database. */
import { JournalFailed } from "effect-horde/HordeError"

const path = "(the journal)"

/** Why is not told: the database's own words may quote a row, or an address with its password. */
export const unavailable = (method: string, message = "the database did not do it"): JournalFailed =>
  new JournalFailed({ method, path, message, reason: "Unavailable" })

export const notMine = (method: string): JournalFailed =>
  new JournalFailed({ method, path, message: "another program has taken this job over", reason: "NotMine" })
