/** Compares a sent request for images with the requests that the server reports. */
import type { RequestRule } from "../../call/declaration.js"
import { type RequestIdentity, requestIdentity } from "../../schema/identity.js"
import { GenerationInputStable } from "./request.js"
import { GenerationSubmittedStable } from "./submitted.js"

/** The fields that identify a request for images. */
export const imageIdentity: RequestIdentity = /* @__PURE__ */ requestIdentity(
  GenerationInputStable,
  GenerationSubmittedStable
)

/** The server keeps only this number of `workers`. */
const maxWorkers = 5

/** The rule by which requests for images are compared. */
export const imageRequestRule: RequestRule = {
  ...imageIdentity,
  reported: (name, value) => (name === "workers" && Array.isArray(value) ? value.slice(0, maxWorkers) : value),
  changeable: ({ allow_downgrade, params }) => [
    ...(allow_downgrade === true ? ["params.width", "params.height", "params.steps"] : []),
    ...(typeof params === "object" && params !== null && Reflect.get(params, "control_type") !== undefined
      ? ["params.steps"]
      : [])
  ]
}
