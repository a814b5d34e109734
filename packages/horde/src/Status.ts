/**
 * The state of the horde itself.
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

/**
 * How a node of the horde is doing.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponse {
  readonly message: OpenEnum<"OK" | "DOWN" | "OVERLOADED">
  /** The server's version, such as `5.1.5`. */
  readonly version?: string
  /** Requests that wait for a thread of the node. */
  readonly queue?: number
  /** Threads that the node has. */
  readonly threads?: number
  /** Requests that the node is answering. */
  readonly active_count?: number
  /** Whether the node reaches its database. */
  readonly db_connection?: boolean
}

const HeartbeatStruct = Schema.Struct({
  message: openEnum<"OK" | "DOWN" | "OVERLOADED">(),
  version: nullable(Schema.String),
  queue: nullable(Schema.Number),
  threads: nullable(Schema.Number),
  active_count: nullable(Schema.Number),
  db_connection: nullable(Schema.Boolean)
}).annotations({ identifier: "HeartbeatResponse" })

/**
 * {@link HeartbeatResponse} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponseEncoded extends Schema.Schema.Encoded<typeof HeartbeatStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const HeartbeatResponse: Schema.Schema<HeartbeatResponse, HeartbeatResponseEncoded> = HeartbeatStruct

/**
 * `GET /v2/status/heartbeat`: answers at once, and is exempt from all limits.
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
 * Asks whether the horde is there.
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
