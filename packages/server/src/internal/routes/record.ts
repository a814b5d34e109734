/**
 * The server's own record, for tests in another process. It is not part of the real API.
 */
import { json } from "../http/reply.js"
import type { Handler, Route } from "../http/route.js"
import { jobRecords } from "../jobs/jobRecords.js"
import * as RequestLog from "../state/requestLog.js"

const get: Handler = ({ world }) => json(200, { exchanges: RequestLog.exchanges(world), jobs: jobRecords(world) })

export const record: ReadonlyArray<Route> = [
  { endpoint: { method: "GET", path: "/embedded/record", limits: [] }, handler: get, isUnrecorded: true }
]
