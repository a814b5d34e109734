/** The endpoints of a resource, derived from its module: a new endpoint is in every list that is made of them. */
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
