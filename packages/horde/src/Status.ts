/**
 * The state of the server: health, modes, load, models, news.
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { optional } from "./internal/schema/optional.js"
import { SamplerConstraintsDocument, StyleContract as StyleContractDocument } from "./internal/status/contracts.js"
import {
  ActiveModel,
  HeartbeatResponse,
  HordeModes,
  HordePerformance,
  Newspiece,
  SetModesInput
} from "./internal/status/models.js"

export {
  SamplerConstraintsDocument,
  type SamplerContract,
  StyleContract as StyleContractDocument,
  type StyleContractStyleType
} from "./internal/status/contracts.js"
export {
  ActiveModel,
  HeartbeatResponse,
  type HeartbeatResponseEncoded,
  HordeModes,
  type HordeModesEncoded,
  HordePerformance,
  Newspiece,
  type SetModesInput
} from "./internal/status/models.js"

/**
 * `GET /v2/status/heartbeat`: the state of the server. It needs no API key and has no rate limit.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Heartbeat extends /* @__PURE__ */ Endpoint.Service<Heartbeat>()("Status/Heartbeat", {
  method: "GET",
  path: "/v2/status/heartbeat",
  success: { 200: HeartbeatResponse },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: []
}) {}

/** Reading and setting the modes share one window. */
const modesLimits = [{ max: 30, per: "1 minute", key: "endpoint" }] as const

/**
 * `GET /v2/status/modes`: the modes that the server is in. The reply may be 50 seconds old. No API key is sent, since
 * the server refuses every key that is not a moderator's.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Modes extends /* @__PURE__ */ Endpoint.Service<Modes>()("Status/Modes", {
  method: "GET",
  path: "/v2/status/modes",
  success: { 200: HordeModes },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: modesLimits
}) {}

/**
 * `PUT /v2/status/modes`: switches the given modes. `maintenance_mode` is for administrators, the others are for
 * moderators (`Forbidden`). The reply has the switched modes only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PUT /v2/status/modes}
 * @since 0.1.0
 * @category endpoints
 */
export class SetModes extends /* @__PURE__ */ Endpoint.Service<SetModes>()("Status/SetModes", {
  method: "PUT",
  path: "/v2/status/modes",
  payload: SetModesInput,
  success: { 200: HordeModes },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: true,
  limits: modesLimits
}) {}

const modelsFields = {
  /** `image` by default. */
  type: optional(openEnum<OpenEnum<"image" | "text">>()),
  /** Only models with at least this number of worker threads. */
  min_count: optional(Schema.Int),
  /** Only models with at most this number of worker threads. */
  max_count: optional(Schema.Int),
  /** Only models of the server's own list (`known`), only others (`custom`), or `all` of them, by default. */
  model_state: optional(openEnum<OpenEnum<"known" | "custom" | "all">>())
}

/**
 * Which models to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelsQuery extends Schema.Struct.Type<typeof modelsFields> {}

/**
 * `GET /v2/status/models`: the models that workers serve or jobs wait for. It needs no API key. The list is up to 12
 * seconds old.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/models}
 * @since 0.1.0
 * @category endpoints
 */
export class Models extends /* @__PURE__ */ Endpoint.Service<Models>()("Status/Models", {
  method: "GET",
  path: "/v2/status/models",
  query: modelsFields,
  success: { 200: Schema.Array(ActiveModel) },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * The server decodes this segment twice, the first time before it splits the path: names with these characters are
 * encoded twice. Segments are only encoded, so `decode` changes nothing.
 */
const ModelName = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: identity,
  encode: (name) => (/[%+/]/.test(name) ? encodeURIComponent(name) : name)
})

/**
 * `GET /v2/status/models/{name}`: one model, as a list, which is empty for an unknown name. It needs no API key. The
 * server caches its reply for one second.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/models/(model_name)}
 * @since 0.1.0
 * @category endpoints
 */
export class Model extends /* @__PURE__ */ Endpoint.Service<Model>()("Status/Model", {
  method: "GET",
  path: "/v2/status/models/:name",
  params: { name: ModelName },
  success: { 200: Schema.Array(ActiveModel) },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/status/performance`: the load of the horde. It needs no API key.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/performance}
 * @since 0.1.0
 * @category endpoints
 */
export class Performance extends /* @__PURE__ */ Endpoint.Service<Performance>()("Status/Performance", {
  method: "GET",
  path: "/v2/status/performance",
  success: { 200: HordePerformance },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/status/news`: news, newest first. It needs no API key. The server caches its reply for 5 minutes.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/news}
 * @since 0.1.0
 * @category endpoints
 */
export class News extends /* @__PURE__ */ Endpoint.Service<News>()("Status/News", {
  method: "GET",
  path: "/v2/status/news",
  success: { 200: Schema.Array(Newspiece) },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `GET /v2/status/sampler_constraints`: the samplers of the server, and the combinations that it refuses. It needs no
 * API key. Newer servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/sampler_constraints}
 * @since 0.1.0
 * @category endpoints
 */
export class SamplerConstraints extends /* @__PURE__ */ Endpoint.Service<SamplerConstraints>()(
  "Status/SamplerConstraints",
  {
    method: "GET",
    path: "/v2/status/sampler_constraints",
    success: { 200: SamplerConstraintsDocument },
    error: [],
    apiKey: "none",
    idempotent: true
  }
) {}

/**
 * `GET /v2/status/style_contract`: what styles may declare. It needs no API key. Newer servers only: on an older server
 * the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/status/style_contract}
 * @since 0.1.0
 * @category endpoints
 */
export class StyleContract extends /* @__PURE__ */ Endpoint.Service<StyleContract>()("Status/StyleContract", {
  method: "GET",
  path: "/v2/status/style_contract",
  success: { 200: StyleContractDocument },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * Checks that the server is reachable.
 *
 * @since 0.1.0
 * @category functions
 */
export const heartbeat: Effect.Effect<HeartbeatResponse, HeartbeatError, Heartbeat> = Effect.flatMap(
  Heartbeat,
  (call) => call()
)

/**
 * The errors of {@link heartbeat}.
 *
 * @since 0.1.0
 * @category errors
 */
export type HeartbeatError = Endpoint.ErrorOf<typeof Heartbeat>

/**
 * Reads the modes that the server is in. The reply may be 50 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const modes: Effect.Effect<HordeModes, ModesError, Modes> = Effect.flatMap(Modes, (call) => call())

/**
 * The errors of {@link modes}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModesError = Endpoint.ErrorOf<typeof Modes>

/**
 * The errors of {@link setModes}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SetModesError = Endpoint.ErrorOf<typeof SetModes>

/**
 * Switches modes of the server. At least one must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const setModes = (modes: SetModesInput): Effect.Effect<HordeModes, SetModesError, SetModes> =>
  Effect.flatMap(SetModes, (call) => call({ payload: modes }))

/**
 * The errors of {@link models}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModelsError = Endpoint.ErrorOf<typeof Models>

/**
 * The models that workers serve or jobs wait for. The list may be up to 12 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const models = (query: ModelsQuery = {}): Effect.Effect<ReadonlyArray<ActiveModel>, ModelsError, Models> =>
  Effect.flatMap(Models, (call) => call({ query }))

/**
 * The models that can be requested now: at least one worker serves them. Those with the shortest estimated wait (`eta`,
 * seconds) come first; `queued` is the waiting work.
 *
 * @since 0.1.0
 * @category functions
 */
export const available = (
  type: "image" | "text" = "image"
): Effect.Effect<ReadonlyArray<ActiveModel>, ModelsError, Models> =>
  Effect.map(models({ type, min_count: 1 }), (served) =>
    [...served].sort((one, other) => (one.eta ?? 0) - (other.eta ?? 0))
  )

/**
 * The models of a job that no worker serves, after the job has ended with `JobImpossible`. If there are none, the job was
 * impossible for another reason, such as its size.
 *
 * @since 0.1.0
 * @category functions
 */
export const unserved = (error: HordeError.JobImpossible): Effect.Effect<ReadonlyArray<string>, ModelsError, Models> =>
  Effect.map(available(error.ticket.kind === "text" ? "text" : "image"), (served) => {
    const names = new Set(served.map(({ name }) => name))
    return error.models.filter((name) => !names.has(name))
  })

/**
 * The errors of {@link model}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModelError = Endpoint.ErrorOf<typeof Model>

/**
 * A model by its exact name, as a list: it is empty if no worker serves the model.
 *
 * @since 0.1.0
 * @category functions
 */
export const model = (name: string): Effect.Effect<ReadonlyArray<ActiveModel>, ModelError, Model> =>
  Effect.flatMap(Model, (call) => call({ params: { name } }))

/**
 * The errors of {@link performance}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PerformanceError = Endpoint.ErrorOf<typeof Performance>

/**
 * The load of the horde.
 *
 * @since 0.1.0
 * @category functions
 */
export const performance: Effect.Effect<HordePerformance, PerformanceError, Performance> = Effect.flatMap(
  Performance,
  (call) => call()
)

/**
 * The errors of {@link news}.
 *
 * @since 0.1.0
 * @category errors
 */
export type NewsError = Endpoint.ErrorOf<typeof News>

/**
 * News, newest first. The reply may be up to 5 minutes old.
 *
 * @since 0.1.0
 * @category functions
 */
export const news: Effect.Effect<ReadonlyArray<Newspiece>, NewsError, News> = Effect.flatMap(News, (call) => call())

/**
 * The errors of {@link samplerConstraints}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SamplerConstraintsError = Endpoint.ErrorOf<typeof SamplerConstraints>

/**
 * The samplers of the server, and the combinations that it refuses. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const samplerConstraints: Effect.Effect<
  SamplerConstraintsDocument,
  SamplerConstraintsError,
  SamplerConstraints
> = Effect.flatMap(SamplerConstraints, (call) => call())

/**
 * The errors of {@link styleContract}.
 *
 * @since 0.1.0
 * @category errors
 */
export type StyleContractError = Endpoint.ErrorOf<typeof StyleContract>

/**
 * What styles may declare. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const styleContract: Effect.Effect<StyleContractDocument, StyleContractError, StyleContract> = Effect.flatMap(
  StyleContract,
  (call) => call()
)

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Heartbeat | Modes | SetModes | Models | Model | Performance | News | SamplerConstraints | StyleContract,
  never,
  HordeClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(
    Heartbeat.layer,
    Modes.layer,
    SetModes.layer,
    Models.layer,
    Model.layer,
    Performance.layer,
    News.layer,
    SamplerConstraints.layer,
    StyleContract.layer
  )
)
