/**
 * The state of the server.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
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
export class Heartbeat extends Endpoint.Service<Heartbeat>()("Status/Heartbeat", {
  method: "GET",
  path: "/v2/status/heartbeat",
  success: { 200: HeartbeatResponse },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: []
}) {}

/**
 * Checks that the server is reachable.
 *
 * @since 0.1.0
 * @category functions
 */
export const heartbeat: Effect.Effect<
  HeartbeatResponse,
  Endpoint.ErrorOf<typeof Heartbeat>,
  Heartbeat
> = Effect.flatMap(Heartbeat, (call) => call())

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Heartbeat, never, HordeClient> = Heartbeat.layer
