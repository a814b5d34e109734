/** Entries as text, and the errors of a journal. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { JournalFailed } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"

const Json = Schema.parseJson(JobJournal.Entry)

export const decode: (text: string) => Option.Option<JobJournal.Entry> = Schema.decodeOption(Json)

const encodeText = Schema.encode(Json)

/** Whatever is an entry has a text. */
export const encode = (entry: JobJournal.Entry): Effect.Effect<string> => Effect.orDie(encodeText(entry))

const path = "(the journal)"

/** Why is not told: the database's own words may quote a row, or an address with its password. */
export const unavailable = (method: string, message = "the database did not do it"): JournalFailed =>
  new JournalFailed({ method, path, message, reason: "Unavailable" })

export const notMine = (method: string): JournalFailed =>
  new JournalFailed({ method, path, message: "another program has taken this job over", reason: "NotMine" })
