/** The parts of an endpoint's type, and the endpoints of a module: a new endpoint is in every list that is made of them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Endpoint, HordeClient, HordeError } from "effect-horde"

/** The services of all endpoints that a module exports. */
export type EndpointsOf<Module> = {
  [Name in keyof Module]: Module[Name] extends {
    readonly declaration: Endpoint.Declaration
    readonly prototype: infer Self
  }
    ? Self
    : never
}[keyof Module]

/** The request of a call. */
export type Request<E extends { readonly Service: (...args: never) => unknown }> = Parameters<E["Service"]>[0]

/** The reply of a call. */
export type Success<E extends { readonly Service: (...args: never) => Effect.Effect<any, any, any> }> =
  Effect.Effect.Success<ReturnType<E["Service"]>>

/** The requirements of the call, besides those of its layer. */
export type Needs<E extends { readonly Service: (...args: never) => Effect.Effect<any, any, any> }> =
  Effect.Effect.Context<ReturnType<E["Service"]>>

/** The requirements of an endpoint's layer. */
export type LayerNeeds<E extends { readonly layer: Layer.Layer<any, any, any> }> = Layer.Layer.Context<E["layer"]>

/** Every call can fail with these. */
export type Always =
  | HordeError.BadRequest
  | HordeError.ServerError
  | HordeError.UnexpectedResponse
  | HordeError.TransportError

/** The errors of an idempotent call with a request and a rate limit, besides those that it declares. */
export type ReadErrors = Always | HordeError.InvalidRequest | HordeError.RateLimited

/** The errors of a call that is not idempotent, with a request and a rate limit, besides those that it declares. */
export type WriteErrors = ReadErrors | HordeError.OutcomeUnknown

/** The request of an endpoint whose query has the fields of a model. */
export interface Asks<Query> {
  readonly query: { readonly [Field in keyof Query]: Query[Field] }
}

/** All parts of an endpoint's type at once. */
export interface Whole<
  E extends {
    readonly Service: (...args: never) => Effect.Effect<any, any, any>
    readonly layer: Layer.Layer<any, any, any>
  }
> {
  readonly request: Request<E>
  readonly success: Success<E>
  readonly error: Endpoint.ErrorOf<E>
  readonly needs: Needs<E>
  readonly layerNeeds: LayerNeeds<E>
}

/** An endpoint that only needs the connection: `holds<Same<Whole<typeof Teams.Get>, Plain<…>>>()`. */
export interface Plain<Req, A, E> {
  readonly request: Req
  readonly success: A
  readonly error: E
  readonly needs: never
  readonly layerNeeds: HordeClient.HordeClient
}
