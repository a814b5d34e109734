/** Makes the call function of an endpoint: it encodes, sends, decodes, and updates the tracked job. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { HordeClient } from "../../HordeClient.js"
import * as HordeError from "../../HordeError.js"
import { CurrentReceipt, type RateLimitState, type Receipt, type Reply } from "../../Reply.js"
import { FollowUp } from "../jobs/followUpService.js"
import { identifierOf } from "../schema/ast.js"
import { type CallHooks, type Declaration, defaultLimits, type Options, type PreparedCall } from "./declaration.js"
import { decodeInSlices, decodeReplyOf } from "./decodeReply.js"
import { encodeRequest, type Parts } from "./encodeRequest.js"
import { withIdempotencyKey } from "./idempotencyKey.js"
import { observe } from "./observe.js"
import { isUnknownJob } from "./refusal.js"

/** Whether requests are checked against the published ranges, or only against their types. */
export class CurrentStrictness extends Context.Reference<CurrentStrictness>()("effect-horde/CurrentStrictness", {
  defaultValue: (): "ranges" | "types" => "ranges"
}) {}

/** The errors of every endpoint, besides those that it declares. */
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

/** Replaces errors that the type of the endpoint does not list. */
const narrow = (error: HordeError.CallError, declared: ReadonlySet<string>): HordeError.CallError => {
  if (declared.has(error._tag) || error.status === undefined) return error
  const { message, method, path, rc, retryAfter, status } = error
  return new HordeError.UnexpectedResponse({
    method,
    path,
    status,
    message,
    ...("fromGateway" in error && error.fromGateway !== undefined ? { fromGateway: error.fromGateway } : {}),
    ...(rc === undefined ? {} : { rc }),
    ...(retryAfter === undefined ? {} : { retryAfter })
  })
}

const rateLimitOf = (headers: Reply["headers"]): Option.Option<RateLimitState> => {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
    Number(headers[`x-ratelimit-${name}`])
  )
  if (limit === undefined || remaining === undefined || reset === undefined) return Option.none()
  if (!Number.isFinite(limit + remaining)) return Option.none()
  return Option.map(DateTime.make(reset * 1000), (resetsAt) => ({ limit, remaining, resetsAt }))
}

/** Stores the receipt of the last reply, if the program asked for it. */
type ReceiptSlot = Option.Option<{ last: Option.Option<Receipt> }>

const keepReceipt = (slot: Option.Option.Value<ReceiptSlot>, { headers, status }: Reply): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const receivedAt = DateTime.unsafeMake(now)
    slot.last = Option.some({ status, headers, rateLimit: rateLimitOf(headers), receivedAt })
  })

/** Sends an encoded call, and decodes its reply. */
type Send = (hooks?: CallHooks) => Effect.Effect<unknown, HordeError.CallError>

const makeCall = (name: string, declaration: Declaration) =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const { followUp: rule } = declaration
    const followUp = rule === undefined ? undefined : yield* FollowUp
    const declared = declaredTags(declaration)
    const decode = decodeReplyOf(declaration)
    const observed = observe(name, declaration)

    const sendWith =
      (call: PreparedCall, slot: ReceiptSlot, onReply: (reply: Reply) => Effect.Effect<void>): Send =>
      (hooks) =>
        Effect.flatMap(client.execute(call, hooks), (reply) => {
          const value = Effect.zipRight(
            onReply(reply),
            Effect.flatMap(decodeInSlices(decode, call, reply), (decoded) =>
              Either.isRight(decoded)
                ? Effect.succeed(decoded.right)
                : Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(decoded.left(now)))
            )
          )
          return Option.isNone(slot) ? value : Effect.zipRight(keepReceipt(slot.value, reply), value)
        })

    /** Only a rule that starts a job needs the scope, and the types of those endpoints require it. */
    const follow = (
      request: Parts,
      call: PreparedCall,
      send: Send
    ): Effect.Effect<unknown, HordeError.CallError, Scope.Scope> => {
      if (rule === undefined || followUp === undefined) return send()
      if (rule._tag === "Starts") {
        const idOf = rule.id as (reply: unknown) => string
        return followUp.track(rule, call, send, idOf)
      }
      const id = String(request.params?.id)
      const forgetUnknown = (error: HordeError.CallError) =>
        isUnknownJob(error) ? followUp.settle(rule.job, id, "gone") : Effect.void
      if (rule._tag === "Cancels") {
        const cancelled = Effect.tap(send(), () => followUp.settle(rule.job, id, "cancelled"))
        return followUp.cancelWith(rule.job, id, Effect.tapError(cancelled, forgetUnknown))
      }
      const isOver = rule.isOver as (reply: unknown) => boolean
      const waiting = rule.waiting as (reply: unknown) => number
      return send().pipe(
        Effect.tap((reply) =>
          isOver(reply) ? followUp.settle(rule.job, id, "over") : followUp.progressed(rule.job, id, waiting(reply))
        ),
        Effect.tapError(forgetUnknown)
      )
    }

    return (request: Parts = {}) =>
      Effect.contextWithEffect((context: Context.Context<Scope.Scope>) =>
        observed((onReply) => {
          const isStrict = Context.get(context, CurrentStrictness) === "ranges"
          const call = encodeRequest(name, declaration, request, isStrict)
          if (Either.isLeft(call)) return Effect.fail(call.left)
          const sendAndFollow = (call: PreparedCall) =>
            follow(request, call, sendWith(call, Context.get(context, CurrentReceipt), onReply))
          const reply =
            declaration.idempotencyKey === true
              ? Effect.flatMap(withIdempotencyKey(declaration, call.right), sendAndFollow)
              : sendAndFollow(call.right)
          return Effect.mapError(reply, (error) => narrow(error, declared))
        })
      )
  })

/**
 * The class of `Endpoint.Service`. The cast connects its value, which is computed from the declaration, with its type,
 * which type-level functions compute from the same declaration.
 */
export const makeClass = <Class>(id: string, options: Options): Class => {
  const self = class extends Context.Tag(`effect-horde/${id}`)<unknown, unknown>() {}
  const { limits = defaultLimits, payload } = options
  const declaration = { ...options, limits, model: payload === undefined ? undefined : identifierOf(payload) }
  return Object.assign(self, {
    declaration,
    layer: Layer.effect(self, makeCall(id, declaration))
  }) as unknown as Class
}
