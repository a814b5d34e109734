/**
 * A job in a form that can be kept: what it takes to look at it, fetch it or cancel it later, in another process too.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { isJobId } from "../call/pathSegment.js"
import { fieldErrors } from "../schema/fieldErrors.js"
import { mask } from "../schema/sensitive.js"

/**
 * The kind of the job that a ticket identifies.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = "image" | "text" | "alchemy"

const JobId = Schema.NonEmptyString.pipe(
  Schema.filter((id) => id !== mask, {
    description: "an id in clear: this ticket was printed, not encoded; keep what Job.encodeTicket returned"
  })
)

/**
 * Whoever holds a ticket can read and cancel the job, so its id stays hidden in logs, errors and `JSON.stringify`; to
 * keep a ticket, use {@link encodeTicket}.
 *
 * @since 0.1.0
 * @category models
 */
export class Ticket extends Schema.Class<Ticket>("effect-horde/Ticket")({
  /** The version of this form. */
  version: Schema.Literal(1),
  kind: Schema.Literal("image", "text", "alchemy"),
  /** The server's id of the request. */
  id: Schema.Redacted(JobId),
  /** How many results were asked for. */
  expected: Schema.Int.pipe(Schema.positive()),
  submittedAt: Schema.DateTimeUtc,
  /** When the job is given up, by the deadline it was submitted with. */
  deadline: Schema.DateTimeUtc
}) {}

const Json = Schema.parseJson(Ticket)

/**
 * The ticket as one line of JSON, the id in clear. Keep it as you would keep a password.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeTicket: (ticket: Ticket) => string = Schema.encodeSync(Json)

const parse = Schema.decodeUnknownEither(Schema.parseJson())
const decodeJson = ParseResult.decodeUnknownEither(Ticket)

const isUsable = ({ id }: Ticket): boolean => isJobId(Redacted.value(id))

const unreadable = (why: string) => ParseResult.parseError(new ParseResult.Type(Ticket.ast, mask, why))

/**
 * Reads what {@link encodeTicket} wrote. What is wrong with the text is named, never quoted: it may hold the id.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decodeTicket = (text: string): Either.Either<Ticket, ParseResult.ParseError> =>
  Either.flatMap(
    Either.mapLeft(parse(text), () => unreadable("a ticket must be one line of JSON")),
    (json) =>
      decodeJson(json).pipe(
        Either.mapLeft((issue) => {
          const errors = Object.entries(fieldErrors(issue, "ticket"))
          return unreadable(errors.map(([field, rule]) => `${field}: ${rule}`).join("; "))
        }),
        Either.filterOrLeft(isUsable, () => unreadable("ticket.id: must be a valid path segment"))
      )
  )
