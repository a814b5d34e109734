/** The call of an endpoint: encodeRequest, send, decode, and tell the follow-up. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { HordeClient } from "../../HordeClient.js"
import * as HordeError from "../../HordeError.js"
import { CurrentReceipt, type RateLimitState, type Reply } from "../../Reply.js"
import { FollowUp } from "../jobs/followUpService.js"
import { identifierOf } from "../schema/ast.js"
import { fieldErrors } from "../schema/fieldErrors.js"
import { tolerantDecoder } from "../schema/tolerantDecoder.js"
import type { Declaration, PreparedCall } from "./declaration.js"
import { encodeRequest, type Parts } from "./encodeRequest.js"
import { type ForeignReply, foreignReply } from "./gatewayReply.js"
import { topLevelId } from "./parseJson.js"
import { isUnknownJob } from "./refusal.js"

/** Whether requests are held against the published ranges, or only against their shapes. */
export class CurrentStrictness extends Context.Reference<CurrentStrictness>()("effect-horde/CurrentStrictness", {
  defaultValue: (): "rules" | "shapes" => "rules"
}) {}

/** What every endpoint can give, besides what it declares. */
const common = [
  "InvalidRequest",
  "BadRequest",
  "RateLimited",
  "ServerError",
  "UnexpectedResponse",
  "TransportError",
  "OutcomeUnknown"
]

const declaredTags = (declaration: Declaration): ReadonlySet<string> => {
  const tags = new Set(common)
  if (declaration.limits.length === 0) tags.delete("RateLimited")
  for (const error of declaration.error) tags.add(String(Reflect.get(error, "_tag")))
  return tags
}

const rateLimitOf = (headers: Reply["headers"]): Option.Option<RateLimitState> => {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
    Number(headers[`x-ratelimit-${name}`])
  )
  if (limit === undefined || remaining === undefined || reset === undefined) return Option.none()
  if (!Number.isFinite(limit + remaining)) return Option.none()
  return Option.map(DateTime.make(reset * 1000), (resetsAt) => ({ limit, remaining, resetsAt }))
}

const keepReceipt = (reply: Reply): Effect.Effect<void> =>
  Effect.flatMap(CurrentReceipt, (slot) =>
    slot._tag === "None"
      ? Effect.void
      : Effect.map(Clock.currentTimeMillis, (now) => {
          slot.value.last = Option.some({
            status: reply.status,
            headers: reply.headers,
            rateLimit: rateLimitOf(reply.headers),
            receivedAt: DateTime.unsafeMake(now)
          })
        })
  )

const serverError = (declaration: Declaration, reply: Reply, message: string) => {
  const { idempotent, method, path } = declaration
  const about = { method, path, status: reply.status }
  return idempotent
    ? new HordeError.UnexpectedResponse({ ...about, message })
    : new HordeError.OutcomeUnknown({
        ...about,
        message: `${message}: the call was carried out, and its answer is lost`
      })
}

/** Names the fields, never their values. */
const undecodable = (issue: ParseResult.ParseIssue): string =>
  `the reply cannot be decoded (${Object.entries(fieldErrors(issue, "reply"))
    .slice(0, 5)
    .map(([field, rule]) => `${field}: ${rule}`)
    .join("; ")})`

const makeDecoder = (declaration: Declaration) => {
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
  type Decoded = Either.Either<unknown, ForeignReply>
  return (call: PreparedCall, reply: Reply, now: number): Decoded => {
    const decode = decoderOf(reply.status)
    const decoded = reply.json === undefined ? undefined : decode?.(reply.json)
    if (decoded !== undefined && Either.isRight(decoded)) return Either.right(decoded.right)
    // a job that was started must be known, however odd the reply is
    if (decodeId !== undefined && reply.status < 300) {
      const started = decodeId({ id: topLevelId(reply.body) })
      if (Either.isRight(started)) return Either.right(started.right)
    }
    if (reply.json === undefined) return Either.left(foreignReply(call, reply, now))
    if (decoded === undefined) {
      return Either.left(serverError(declaration, reply, `status ${reply.status} is not declared for this endpoint`))
    }
    return Either.left(serverError(declaration, reply, undecodable(decoded.left)))
  }
}

const calls = Metric.counter("horde_calls_total", {
  description: "Finished calls, by endpoint and by outcome: success, or the tag of the error",
  incremental: true
})

const makeCall = (name: string, declaration: Declaration) =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const { method, path, followUp: rule } = declaration
    const followUp = rule === undefined ? undefined : yield* FollowUp
    const declared = declaredTags(declaration)
    const decode = makeDecoder(declaration)
    const mine = Metric.tagged(calls, "endpoint", name)
    const succeeded = Metric.tagged(mine, "outcome", "success")
    const spanOptions = {
      kind: "client",
      captureStackTrace: false,
      attributes: { "http.request.method": method, "url.template": path }
    } as const

    /** The type of an endpoint lists the errors that it can give, and no others. */
    const narrow = (error: HordeError.CallError): HordeError.CallError =>
      declared.has(error._tag) || error.status === undefined
        ? error
        : new HordeError.UnexpectedResponse({
            method,
            path,
            status: error.status,
            message: error.message,
            ...("fromGateway" in error && error.fromGateway !== undefined ? { fromGateway: error.fromGateway } : {}),
            ...(error.rc === undefined ? {} : { rc: error.rc }),
            ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter })
          })

    const send = (call: PreparedCall) =>
      client.execute(call).pipe(
        Effect.tap((reply) =>
          Effect.zipRight(Effect.annotateCurrentSpan("http.response.status_code", reply.status), keepReceipt(reply))
        ),
        Effect.flatMap((reply) => Effect.flatMap(Clock.currentTimeMillis, (now) => decode(call, reply, now)))
      )

    const jobOf = (request: Parts) => String(request.params?.id)

    /** Only a rule that starts a job needs the scope; the endpoint's type asks for it there, and only there. */
    const follow = (request: Parts, call: PreparedCall): Effect.Effect<unknown, HordeError.CallError, Scope.Scope> => {
      if (rule === undefined || followUp === undefined) return send(call)
      if (rule._tag === "Starts") {
        const idOf = rule.id as (reply: unknown) => string
        return followUp.track(rule, call, send(call), idOf)
      }
      const id = jobOf(request)
      const forgetUnknown = (error: HordeError.CallError) =>
        isUnknownJob(error) ? followUp.settle(rule.job, id, "gone") : Effect.void
      if (rule._tag === "Cancels") {
        const cancel = send(call).pipe(
          Effect.tap(() => followUp.settle(rule.job, id, "cancelled")),
          Effect.tapError(forgetUnknown)
        )
        return followUp.cancelWith(rule.job, id, cancel)
      }
      const isOver = rule.isOver as (reply: unknown) => boolean
      const waiting = rule.waiting as (reply: unknown) => number
      return send(call).pipe(
        Effect.tap((reply) =>
          isOver(reply) ? followUp.settle(rule.job, id, "over") : client.jobMoved(id, waiting(reply))
        ),
        Effect.tapError(forgetUnknown)
      )
    }

    return (request: Parts = {}) =>
      Effect.flatMap(CurrentStrictness, (strictness) =>
        Effect.flatMap(encodeRequest(name, declaration, request, strictness === "rules"), (call) =>
          follow(request, call)
        )
      ).pipe(
        Effect.mapError(narrow),
        Effect.tapError(({ status }) =>
          status === undefined ? Effect.void : Effect.annotateCurrentSpan("http.response.status_code", status)
        ),
        Effect.tapBoth({
          onSuccess: () => Metric.increment(succeeded),
          onFailure: ({ _tag }) => Metric.increment(Metric.tagged(mine, "outcome", _tag))
        }),
        Effect.withSpan(`horde.${name.replace("/", ".")}`, spanOptions)
      )
  })

/**
 * The class that `Endpoint.Service` types: what is computed here from a declaration is described there by type-level
 * functions of the same declaration, which a cast alone can bring together.
 */
export const makeClass = <Class>(id: string, declaration: Declaration): Class => {
  const self = class extends Context.Tag(`effect-horde/${id}`)<unknown, unknown>() {}
  const payload = declaration.payload
  return Object.assign(self, {
    declaration: { ...declaration, model: payload === undefined ? undefined : identifierOf(payload) },
    layer: Layer.effect(self, makeCall(id, declaration))
  }) as unknown as Class
}
