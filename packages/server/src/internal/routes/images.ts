/**
 * Image jobs: submit, check, status, cancel, and the recorded request.
 */
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Handler, Route } from "../http/route.js"
import { image } from "../kinds/image/kind.js"
import { fromBody } from "../kinds/image/request.js"
import { checkImageRequest } from "../kinds/image/schema.js"
import * as StatusView from "../kinds/image/statusView.js"
import { submitted } from "../kinds/image/submittedView.js"
import { anonymousLimits, clientSide, findJob } from "./clientSide.js"

const handlers = clientSide(image, {
  request: (_world, incoming) => fromBody(validBody(incoming, checkImageRequest)),
  accepted: StatusView.accepted,
  status: StatusView.status,
  submitted
})

const check: Handler = (context) =>
  maskedJson(context.incoming, 200, StatusView.check(context.world, findJob(image, context)))

export const images: ReadonlyArray<Route> = [
  {
    endpoint: ImageGeneration.Submit.declaration,
    handler: handlers.submit,
    anonymousLimits: anonymousLimits(ImageGeneration.Submit.declaration)
  },
  { endpoint: ImageGeneration.Check.declaration, handler: check, namesJob: true, cachedFor: "1 second" },
  { endpoint: ImageGeneration.Status.declaration, handler: handlers.status, namesJob: true },
  { endpoint: ImageGeneration.Cancel.declaration, handler: handlers.cancel, namesJob: true },
  { endpoint: ImageGeneration.Submitted.declaration, handler: handlers.submitted, namesJob: true, since: "newer" }
]
