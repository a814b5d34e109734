/** Declarations that the compiler rejects. */
// @effect-diagnostics floatingEffect:off (nothing here runs)
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Endpoint, HordeError, ImageGeneration, Job } from "effect-horde"
import { holds, type Same } from "./same.js"

const plain = {
  method: "GET",
  success: { 200: Schema.Struct({ message: Schema.String }) },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: []
} as const

// a field for every name in the path, and no others

export class Members extends Endpoint.Service<Members>()("Teams/Members", {
  ...plain,
  path: "/v2/teams/:team/members/:id",
  params: { team: Schema.String, id: Schema.NumberFromString }
}) {}
holds<
  Same<Parameters<Members["Type"]>, [request: { readonly params: { readonly team: string; readonly id: number } }]>
>()

class None {}

// @ts-expect-error no fields at all for the path
Endpoint.Service<None>()("Test/None", { ...plain, path: "/v2/teams/:team" })

Endpoint.Service<None>()("Test/OneOfTwo", {
  ...plain,
  path: "/v2/teams/:team/members/:id",
  // @ts-expect-error `:id` has no field
  params: { team: Schema.String }
})

Endpoint.Service<None>()("Test/OtherName", {
  ...plain,
  path: "/v2/teams/:team",
  // @ts-expect-error `:team` has no field, and `tem` is not in the path
  params: { tem: Schema.String }
})

Endpoint.Service<None>()("Test/OneMore", {
  ...plain,
  path: "/v2/teams/:team",
  params: {
    team: Schema.String,
    // @ts-expect-error `id` is not in the path
    id: Schema.String
  }
})

// @ts-expect-error the path asks for nothing, and there is a field
Endpoint.Service<None>()("Test/NotAsked", { ...plain, path: "/v2/teams", params: { id: Schema.String } })

Endpoint.Service<None>()("Test/NotASchema", {
  ...plain,
  path: "/v2/teams/:team",
  // @ts-expect-error a field is a schema
  params: { team: "team" }
})

// the named values of a declaration

Endpoint.Service<None>()("Test/Method", {
  ...plain,
  // @ts-expect-error there is no such method
  method: "FETCH",
  path: "/v2/teams"
})

Endpoint.Service<None>()("Test/Path", {
  ...plain,
  // @ts-expect-error a path begins with a slash
  path: "v2/teams"
})

Endpoint.Service<None>()("Test/ApiKey", {
  ...plain,
  path: "/v2/teams",
  // @ts-expect-error whether the key is sent is said by name
  apiKey: true
})

Endpoint.Service<None>()("Test/LimitKey", {
  ...plain,
  path: "/v2/teams",
  // @ts-expect-error the server counts by path, endpoint or apiKey
  limits: [{ max: 1, per: "1 second", key: "account" }]
})

Endpoint.Service<None>()("Test/Errors", {
  ...plain,
  path: "/v2/teams",
  // @ts-expect-error only a refusal of the server is declared
  error: [HordeError.OutcomeUnknown]
})

Endpoint.Service<None>()("Test/NotASchemaEither", {
  ...plain,
  path: "/v2/teams",
  // @ts-expect-error a success is a schema
  success: { 200: "OK" }
})

// @ts-expect-error whether a lost answer may be asked for again must be said
Endpoint.Service<None>()("Test/Forgotten", {
  method: "PUT",
  path: "/v2/teams",
  success: plain.success,
  error: [],
  apiKey: "none",
  limits: []
})

// a call has the types of its declaration

export class Search extends Endpoint.Service<Search>()("Teams/Search", {
  ...plain,
  path: "/v2/teams",
  query: { name: Schema.String, page: Schema.NumberFromString },
  apiKey: "optional",
  error: [HordeError.NotFound],
  limits: [{ max: 1, per: "1 second", key: "path" }]
}) {}
holds<
  Same<Parameters<Search["Type"]>, [request: { readonly query: { readonly name: string; readonly page: number } }]>
>()
holds<
  Same<
    Endpoint.ErrorOf<typeof Search>,
    | HordeError.InvalidRequest
    | HordeError.RateLimited
    | HordeError.NotFound
    | HordeError.BadRequest
    | HordeError.ServerError
    | HordeError.UnexpectedResponse
    | HordeError.TransportError
  >
>()

export class Start extends Endpoint.Service<Start>()("Test/Start", {
  ...plain,
  method: "POST",
  path: "/v2/start",
  payload: Schema.Struct({ form: Schema.String }),
  success: { 202: Schema.Struct({ id: Job.GenerationRequestId }), 200: Schema.Struct({ kudos: Schema.Number }) },
  idempotent: false,
  followUp: {
    _tag: "Starts",
    job: "image",
    id: (reply: { readonly id: string }) => reply.id,
    cancel: ImageGeneration.Cancel.declaration,
    request: { content: ["form"], presence: [], neverFilledIn: [] }
  }
}) {}
holds<
  Same<
    Effect.Effect.Success<ReturnType<Start["Type"]>>,
    { readonly id: Job.GenerationRequestId } | { readonly kudos: number }
  >
>()
holds<Same<Effect.Effect.Context<ReturnType<Start["Type"]>>, Scope.Scope>>()
holds<Same<Extract<Endpoint.ErrorOf<typeof Start>, { _tag: "OutcomeUnknown" }>, HordeError.OutcomeUnknown>>()
holds<Same<Extract<Endpoint.ErrorOf<typeof Start>, { _tag: "RateLimited" }>, never>>()
