/** How requests for images are recognised. */
import type { RequestRule } from "../../call/declaration.js"
import { type RequestIdentity, requestIdentity } from "../../schema/identity.js"
import { GenerationInputStable } from "./request.js"
import { GenerationSubmittedStable } from "./submitted.js"

/** The fields that identify a request for images. */
export const imageIdentity: RequestIdentity = /* @__PURE__ */ requestIdentity(
  GenerationInputStable,
  GenerationSubmittedStable
)

/** The server keeps so many names of workers. */
const workersKept = 5

/** How requests for images are compared. */
export const imageRequestRule: RequestRule = {
  ...imageIdentity,
  reported: (name, value) => (name === "workers" && Array.isArray(value) ? value.slice(0, workersKept) : value),
  changeable: ({ allow_downgrade, params }) => [
    ...(allow_downgrade === true ? ["params.width", "params.height", "params.steps"] : []),
    ...(typeof params === "object" && params !== null && Reflect.get(params, "control_type") !== undefined
      ? ["params.steps"]
      : [])
  ]
}
