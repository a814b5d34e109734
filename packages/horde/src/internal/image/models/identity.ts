/** Compares a sent request for images with the requests that the server reports. */
import type { RequestRule } from "../../call/declaration.js"
import { reportedValue } from "../../jobs/requestModels.js"
import { type RequestIdentity, requestIdentity } from "../../schema/identity.js"
import { GenerationInputStable } from "./request.js"
import { GenerationSubmittedStable } from "./submitted.js"

/** The fields that identify a request for images. */
export const imageIdentity: RequestIdentity = /* @__PURE__ */ requestIdentity(
  GenerationInputStable,
  GenerationSubmittedStable
)

/** The rule by which requests for images are compared. */
export const imageRequestRule: RequestRule = {
  ...imageIdentity,
  reported: reportedValue,
  changeable: ({ allow_downgrade, params }) => [
    ...(allow_downgrade === true ? ["params.width", "params.height", "params.steps"] : []),
    ...(typeof params === "object" && params !== null && Reflect.get(params, "control_type") !== undefined
      ? ["params.steps"]
      : [])
  ]
}
