/**
 * Text jobs: submit, status, cancel, and the recorded request.
 */
import type { Limit } from "effect-horde/Endpoint"
import { required, requiredKey } from "../http/arguments.js"
import { validBody } from "../http/jsonBody.js"
import type { Route } from "../http/route.js"
import { text } from "../kinds/text/kind.js"
import { fromBody } from "../kinds/text/request.js"
import { checkTextRequest } from "../kinds/text/schema.js"
import { accepted, status } from "../kinds/text/statusView.js"
import { submitted } from "../kinds/text/submittedView.js"
import { clientSide } from "./clientSide.js"

const handlers = clientSide(text, {
  request: ({ settings }, incoming) => {
    const body = validBody(incoming, checkTextRequest(settings.version))
    requiredKey(incoming)
    return fromBody(body, required("prompt", body.prompt))
  },
  accepted,
  status,
  submitted
})

const submitLimits: ReadonlyArray<Limit> = [
  { max: 90, raised: 300, per: "1 minute", key: "path" },
  { max: 2, raised: 10, per: "1 second", key: "path" },
  { max: 2, raised: 60, per: "1 second", key: "apiKey" }
]

/** All callers without an API key share one bucket, so it is larger than that of an account. */
const anonymousLimits = submitLimits.map(
  (limit: Limit): Limit => (limit.key === "apiKey" ? { max: 60, per: "1 second", key: "apiKey" } : limit)
)

const statusPath = "/v2/generate/text/status/:id"

const statusLimits: ReadonlyArray<Limit> = [{ max: 60, per: "1 minute", key: "path" }]

export const texts: ReadonlyArray<Route> = [
  {
    endpoint: { method: "POST", path: "/v2/generate/text/async", limits: submitLimits },
    handler: handlers.submit,
    anonymousLimits
  },
  {
    endpoint: { method: "GET", path: statusPath, limits: statusLimits },
    handler: handlers.status,
    namesJob: true
  },
  {
    endpoint: { method: "DELETE", path: statusPath, limits: statusLimits },
    handler: handlers.cancel,
    namesJob: true
  },
  {
    endpoint: {
      method: "GET",
      path: "/v2/generate/text/request/:id",
      limits: [{ max: 90, per: "1 minute", key: "endpoint" }]
    },
    handler: handlers.submitted,
    namesJob: true,
    since: "newer"
  }
]
