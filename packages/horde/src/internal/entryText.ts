/** Entries of a journal as text, the same for every place where a journal is kept. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Entry } from "../JobJournal.js"

const Json = Schema.parseJson(Entry)

export const encodeEntry: (entry: Entry) => string = Schema.encodeSync(Json)

const decode = ParseResult.decodeUnknownEither(Json)
const decodeVersion = ParseResult.decodeUnknownEither(Schema.parseJson(Schema.Struct({ version: Schema.Number })))

/** What is of a later version is told from what is damaged: a later version of this library can read it. */
export const decodeEntry = (text: string): Either.Either<Entry, "newer" | "unreadable"> =>
  Either.mapLeft(decode(text), () =>
    Either.match(decodeVersion(text), {
      onLeft: () => "unreadable" as const,
      onRight: ({ version }) => (version > 1 ? "newer" : "unreadable")
    })
  )
