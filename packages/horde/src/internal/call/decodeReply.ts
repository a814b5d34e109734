/**
 * Decodes the reply of an endpoint with the schema of its status. One invalid optional value does not fail the reply.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { fieldErrors } from "../schema/fieldErrors.js"
import { tolerantDecoder } from "../schema/tolerantDecoder.js"
import type { Declaration, PreparedCall } from "./declaration.js"
import { type GatewayReply, gatewayReply } from "./gatewayReply.js"
import { topLevelId } from "./parseJson.js"

const undeclared = (declaration: Declaration, reply: Reply, message: string) => {
  const { idempotent, method, path } = declaration
  const about = { method, path, status: reply.status }
  return idempotent
    ? new HordeError.UnexpectedResponse({ ...about, message })
    : new HordeError.OutcomeUnknown({
        ...about,
        message: `${message}: the call was carried out, but its reply cannot be read`
      })
}

/** Names the fields, never their values. */
const undecodable = (issue: ParseResult.ParseIssue): string =>
  `the reply cannot be decoded (${Object.entries(fieldErrors(issue, "reply"))
    .slice(0, 5)
    .map(([field, rule]) => `${field}: ${rule}`)
    .join("; ")})`

/** The error is a function of the wall-clock time in milliseconds, because a `Retry-After` header may be a date. */
export type DecodeReply = (call: PreparedCall, reply: Reply) => Either.Either<unknown, (now: number) => GatewayReply>

/** The schema of a status is compiled once, at its first reply. */
export const decodeReplyOf = (declaration: Declaration): DecodeReply => {
  const decoders = new Map<number, ReturnType<typeof tolerantDecoder>>()
  const decoderOf = (status: number) => {
    const schema = declaration.success[status]
    if (schema === undefined) return undefined
    let decode = decoders.get(status)
    if (decode === undefined) {
      decode = tolerantDecoder(schema)
      decoders.set(status, decode)
    }
    return decode
  }
  const decodeId =
    declaration.followUp?._tag === "Starts"
      ? ParseResult.decodeUnknownEither(Schema.Union(...Object.values(declaration.success)))
      : undefined
  return (call, reply) => {
    const decode = decoderOf(reply.status)
    const decoded = reply.json === undefined ? undefined : decode?.(reply.json)
    if (decoded !== undefined && Either.isRight(decoded)) return Either.right(decoded.right)
    // the id of a started job is needed for its cancel, even if the rest of the reply is invalid
    if (decodeId !== undefined && reply.status < 300) {
      const started = decodeId({ id: topLevelId(reply.body) })
      if (Either.isRight(started)) return Either.right(started.right)
    }
    if (reply.json === undefined) return Either.left((now) => gatewayReply(call, reply, now))
    if (decoded === undefined) {
      return Either.left(() =>
        undeclared(declaration, reply, `status ${reply.status} is not declared for this endpoint`)
      )
    }
    const { left } = decoded
    return Either.left(() => undeclared(declaration, reply, undecodable(left)))
  }
}

/** A longer list is decoded in slices, between which other fibers and timers run. */
const sliceLength = 250

type Decoded = ReturnType<DecodeReply>

/** Decodes a reply. A long list does not block the event loop until its end. */
export const decodeInSlices = (decode: DecodeReply, call: PreparedCall, reply: Reply): Effect.Effect<Decoded> => {
  const list: unknown = reply.json
  if (!Array.isArray(list) || list.length <= sliceLength) return Effect.succeed(decode(call, reply))
  return Effect.gen(function* () {
    const items: Array<unknown> = []
    for (let start = 0; start < list.length; start += sliceLength) {
      yield* Effect.sleep(0)
      const decoded = decode(call, { ...reply, json: list.slice(start, start + sliceLength) })
      if (Either.isLeft(decoded)) return decoded
      if (Array.isArray(decoded.right)) items.push(...decoded.right)
    }
    return Either.right(items)
  })
}
