/** The parts of an endpoint's type, and the endpoints of a module: a new endpoint is in every list that is made of them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Endpoint } from "effect-horde"

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
