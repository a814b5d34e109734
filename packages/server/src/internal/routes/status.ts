/**
 * The state of the server.
 */
import * as Status from "effect-horde/Status"
import { json } from "../http/reply.js"
import type { Handler, Route } from "../http/route.js"
import { recordedVersion } from "../state/version.js"

const heartbeat: Handler = ({ world }) =>
  json(200, {
    message: "OK",
    version: recordedVersion,
    queue: 0,
    threads: 1,
    active_count: world.live.size,
    db_connection: true
  })

export const status: ReadonlyArray<Route> = [{ endpoint: Status.Heartbeat.declaration, handler: heartbeat }]
