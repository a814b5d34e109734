/**
 * The state of the server.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import { nullable } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"

const heartbeatFields = {
  message: openEnum<OpenEnum<"OK" | "DOWN" | "OVERLOADED">>(),
  /** The server's version, such as `5.1.5`. */
  version: nullable(Schema.String),
  /** The number of requests that wait for a thread of the node. */
  queue: nullable(Schema.Number),
  /** The number of threads of the node. */
  threads: nullable(Schema.Number),
  /** The number of requests that the node is processing. */
  active_count: nullable(Schema.Number),
  /** Whether the node can reach its database. */
  db_connection: nullable(Schema.Boolean)
}

/**
 * The state of one node of the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponse extends Schema.Struct.Type<typeof heartbeatFields> {}

/**
 * {@link HeartbeatResponse} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponseEncoded extends Schema.Struct.Encoded<typeof heartbeatFields> {}

/**
 * The schema of {@link HeartbeatResponse}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HeartbeatResponse: Schema.Schema<HeartbeatResponse, HeartbeatResponseEncoded> = Schema.Struct(
  heartbeatFields
).annotations({ identifier: "HeartbeatResponse" })

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

const modesFields = {
  /** Whether requests are refused while the server is maintained. */
  maintenance_mode: nullable(Schema.Boolean),
  /** Whether only invited accounts may add workers. */
  invite_only_mode: nullable(Schema.Boolean),
  /** Whether the server is in raid mode; only moderators see it. */
  raid_mode: nullable(Schema.Boolean)
}

/**
 * The modes that the server is in.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordeModes extends Schema.Struct.Type<typeof modesFields> {}

/**
 * {@link HordeModes} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordeModesEncoded extends Schema.Struct.Encoded<typeof modesFields> {}

/**
 * The schema of {@link HordeModes}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HordeModes: Schema.Schema<HordeModes, HordeModesEncoded> = Schema.Struct(modesFields).annotations({
  identifier: "HordeModes"
})

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
  limits: [{ max: 30, per: "1 minute", key: "endpoint" }]
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
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Heartbeat | Modes, never, HordeClient> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.merge(Heartbeat.layer, Modes.layer)
)
