/**
 * Tickets: the data with which a job is polled, fetched or cancelled later, also in another process.
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

const kinds = ["image", "text", "alchemy", "popped image", "popped text", "popped form"] as const

/**
 * The kind of the job that a ticket identifies: a request of this program, or a job that its worker has popped.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = (typeof kinds)[number]

/** The schema of {@link Kind}. */
export const Kind: Schema.Literal<typeof kinds> = Schema.Literal(...kinds)

const JobId = Schema.NonEmptyString.pipe(
  Schema.filter((id) => id !== mask, {
    description: "an unmasked id: this ticket was printed, not encoded; store the text of Job.encodeTicket"
  })
)

/**
 * A ticket is a credential: with it anyone can read and cancel the job. Its id is hidden in logs, errors and
 * `JSON.stringify`; use {@link encodeTicket} to store a ticket.
 *
 * @since 0.1.0
 * @category models
 */
export class Ticket extends Schema.Class<Ticket>("effect-horde/Ticket")({
  /** The version of the format. */
  version: Schema.Literal(1),
  kind: Kind,
  /** The server's id of the job. */
  id: Schema.Redacted(JobId),
  /** The number of requested results. */
  expected: Schema.Int.pipe(Schema.positive()),
  submittedAt: Schema.DateTimeUtc,
  /** The time at which the client gives up the job. */
  deadline: Schema.DateTimeUtc
}) {}

const Json = Schema.parseJson(Ticket)

/**
 * Encodes a ticket as one line of JSON. It contains the id in clear text: protect it like a password.
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
 * Decodes the text of {@link encodeTicket}. Errors do not quote the text, because it may contain the id.
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
