/**
 * Image jobs: submit, check, status, cancel, and the recorded request.
 */
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Handler, Route, RouteContext } from "../http/route.js"
import { image } from "../kinds/image/kind.js"
import { fromBody } from "../kinds/image/request.js"
import { checkImageRequest } from "../kinds/image/schema.js"
import * as StatusView from "../kinds/image/statusView.js"
import { submitted } from "../kinds/image/submittedView.js"
import { refuse } from "../state/refusal.js"
import { anonymousLimits, clientSide, findJob, recordedRequest } from "./clientSide.js"

const handlers = clientSide(image, {
  request: (_world, incoming) => fromBody(validBody(incoming, checkImageRequest)),
  accepted: StatusView.accepted,
  status: StatusView.status
})

/** A banned address may poll only under the name of a client. */
const checkClient = ({ incoming, world }: RouteContext): void => {
  const isNamed = (incoming.headers["client-agent"] ?? "unknown:0:unknown") !== "unknown:0:unknown"
  if (!isNamed && world.timeouts.matching(incoming.ip, world.now).length > 0) {
    refuse(403, "Forbidden", "This IP address is in time-out")
  }
}

const check: Handler = (context) => {
  const job = findJob(image, context)
  checkClient(context)
  return maskedJson(context.incoming, 200, StatusView.check(context.world, job))
}

export const images: ReadonlyArray<Route> = [
  {
    endpoint: ImageGeneration.Submit.declaration,
    handler: handlers.submit,
    anonymousLimits: anonymousLimits(ImageGeneration.Submit.declaration)
  },
  { endpoint: ImageGeneration.Check.declaration, handler: check, namesJob: true, cachedFor: "1 second" },
  { endpoint: ImageGeneration.Status.declaration, handler: handlers.status, namesJob: true },
  { endpoint: ImageGeneration.Cancel.declaration, handler: handlers.cancel, namesJob: true },
  {
    endpoint: ImageGeneration.Submitted.declaration,
    handler: recordedRequest(image, submitted),
    namesJob: true,
    since: "newer"
  }
]
