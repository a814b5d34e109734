/**
 * Text jobs: submit, status, cancel, and the recorded request.
 */
import * as TextGeneration from "effect-horde/TextGeneration"
import { required, requiredKey } from "../http/arguments.js"
import { validBody } from "../http/jsonBody.js"
import type { Route } from "../http/route.js"
import { text } from "../kinds/text/kind.js"
import { fromBody } from "../kinds/text/request.js"
import { checkTextRequest } from "../kinds/text/schema.js"
import { accepted, status } from "../kinds/text/statusView.js"
import { submitted } from "../kinds/text/submittedView.js"
import { anonymousLimits, clientSide, recordedRequest } from "./clientSide.js"

const handlers = clientSide(text, {
  request: ({ settings }, incoming) => {
    const body = validBody(incoming, checkTextRequest(settings.version))
    requiredKey(incoming)
    return fromBody(body, required("prompt", body.prompt))
  },
  accepted,
  status
})

export const texts: ReadonlyArray<Route> = [
  {
    endpoint: TextGeneration.Submit.declaration,
    handler: handlers.submit,
    anonymousLimits: anonymousLimits(TextGeneration.Submit.declaration)
  },
  { endpoint: TextGeneration.Status.declaration, handler: handlers.status, namesJob: true },
  { endpoint: TextGeneration.Cancel.declaration, handler: handlers.cancel, namesJob: true },
  {
    endpoint: TextGeneration.Submitted.declaration,
    handler: recordedRequest(text, submitted),
    namesJob: true,
    since: "newer"
  }
]
