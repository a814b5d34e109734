/**
 * An endpoint is a service. One class is its declaration, tag and documentation.
 *
 * @example
 * ```ts
 * import * as SharedKeys from "effect-horde/SharedKeys"
 * import * as Effect from "effect/Effect"
 *
 * export const budgetLeft = (id: SharedKeys.SharedKeyId) =>
 *   Effect.gen(function* () {
 *     const get = yield* SharedKeys.Get // visible in the type: R = SharedKeys.Get
 *     const key = yield* get({ params: { id } })
 *     return key.kudos
 *   })
 * ```
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import type { Fields, Limit, Options, Starts } from "./internal/call/declaration.js"
import { CurrentStrictness, makeClass } from "./internal/call/makeEndpoint.js"
import { type EffectOrStream, withReference } from "./internal/call/withReference.js"
import { CurrentReceipt, type Receipt } from "./Reply.js"

export {
  type CallHooks,
  type Cancels,
  type Declaration,
  defaultLimits,
  type Fields,
  type FollowUpRule,
  type Limit,
  type Method,
  type Options,
  type PreparedCall,
  type RequestRule,
  type Settles,
  type Starts
} from "./internal/call/declaration.js"

type Simplify<A> = { readonly [K in keyof A]: A[K] } & {}

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/**
 * The compile-time check of a declaration: it has a parameter for each `:name` in its path, and no others.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Checked<D extends Options> = [NamesIn<D["path"]>] extends [never]
  ? { readonly params?: { readonly [K in keyof D["params"]]: never } }
  : {
      readonly params: { readonly [K in NamesIn<D["path"]>]: Schema.Schema.AnyNoContext } & {
        readonly [K in Exclude<keyof D["params"], NamesIn<D["path"]>>]: never
      }
    }

type FieldsPart<K extends string, F> = F extends Fields
  ? { readonly [_ in K]: Simplify<Schema.Struct.Type<F>> }
  : unknown

/**
 * The request of an endpoint: those of `params`, `query` and `payload` that it declares.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Request<D extends Options> = Simplify<
  FieldsPart<"params", D["params"]> &
    FieldsPart<"query", D["query"]> &
    (D["payload"] extends Schema.Schema.AnyNoContext ? { readonly payload: Schema.Schema.Type<D["payload"]> } : unknown)
>

/**
 * The call of an endpoint. The request may be omitted if it has no fields.
 *
 * @since 0.1.0
 * @category models
 */
export type Call<Req, A, E, R> = (
  ...args: keyof Req extends never ? [request?: { readonly [part: string]: never }] : [request: Req]
) => Effect.Effect<A, E, R>

type IfStarts<D extends Options, Yes> = D extends { readonly followUp: Starts } ? Yes : never

type TakesInput<D extends Options> = keyof Request<D> extends never ? (D["apiKey"] extends "none" ? false : true) : true

/**
 * A declared endpoint: the tag of its call, with the declaration as data and the layer that provides it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Endpoint<Self, Id extends string, D extends Options>
  extends Context.TagClass<
    Self,
    Id,
    Call<
      Request<D>,
      Schema.Schema.Type<D["success"][keyof D["success"] & number]>,
      | (TakesInput<D> extends true ? HordeError.InvalidRequest : never)
      | (D["limits"] extends readonly [] ? never : HordeError.RateLimited)
      | (D["idempotent"] extends true ? never : HordeError.OutcomeUnknown)
      | IfStarts<D, HordeError.JournalFailed>
      | HordeError.BadRequest
      | HordeError.ServerError
      | HordeError.UnexpectedResponse
      | HordeError.TransportError
      | InstanceType<D["error"][number]>,
      IfStarts<D, Scope.Scope>
    >
  > {
  /** The endpoint as data, with its limits, and with the published name of the payload's model, if any. */
  readonly declaration: D & { readonly limits: ReadonlyArray<Limit>; readonly model: string | undefined }
  /** Provides the call over a connection. Endpoints that affect a job need `FollowUp` as well. */
  readonly layer: Layer.Layer<Self, never, HordeClient | (D extends { readonly followUp: object } ? FollowUp : never)>
}

/**
 * The errors of an endpoint: `ErrorOf<typeof SharedKeys.Get>`.
 *
 * @since 0.1.0
 * @category type-level
 */
export type ErrorOf<E extends { readonly Service: (...args: never) => Effect.Effect<unknown, unknown, unknown> }> =
  Effect.Effect.Error<ReturnType<E["Service"]>>

/**
 * Declares an endpoint as a class:
 * `class Get extends Endpoint.Service<Get>()("SharedKeys/Get", { … }) {}`
 *
 * @since 0.1.0
 * @category constructors
 */
export const Service =
  <Self>() =>
  <const Id extends string, const D extends Options>(
    id: Id,
    declaration: D & Checked<D>
  ): Endpoint<Self, `effect-horde/${Id}`, D> =>
    makeClass(id, declaration)

/**
 * Skips the check of requests against the published ranges, for values that a newer server accepts. Types are still
 * checked.
 *
 * @since 0.1.0
 * @category combinators
 */
export const lenient: <Self extends EffectOrStream>(self: Self) => Self = withReference(CurrentStrictness, "types")

/**
 * Returns the value of an effect together with the status, headers, rate limit and time of the last reply. The receipt is
 * `None` if no reply arrived.
 *
 * @example
 * ```ts
 * import * as Endpoint from "effect-horde/Endpoint"
 * import * as Status from "effect-horde/Status"
 * import * as Effect from "effect/Effect"
 *
 * export const node = Status.heartbeat.pipe(
 *   Endpoint.withReply,
 *   Effect.map(({ receipt, value }) => [value.version, receipt] as const)
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const withReply = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly receipt: Option.Option<Receipt> }, E, R> =>
  Effect.suspend(() => {
    const slot: { last: Option.Option<Receipt> } = { last: Option.none() }
    return effect.pipe(
      Effect.provideService(CurrentReceipt, Option.some(slot)),
      Effect.map((value) => ({ value, receipt: slot.last }))
    )
  })
