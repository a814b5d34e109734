/** The errors of a journal. */
import { JournalFailed } from "../../HordeError.js"

const path = "(the journal)"

/** The journal cannot be read or written: `method` names the operation. */
export const unavailable = (method: string, message: string): JournalFailed =>
  new JournalFailed({ method, path, message, reason: "Unavailable" })

/** The entry belongs to another owner, or this program's lease has expired and its entries were taken over. */
export const notMine = (): JournalFailed =>
  new JournalFailed({ method: "write", path, message: "another process owns this job now", reason: "NotMine" })
