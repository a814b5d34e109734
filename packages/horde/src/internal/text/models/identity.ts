/** Compares a sent request for texts with the requests that the server reports. */
import type { RequestRule } from "../../call/declaration.js"
import { reportedValue } from "../../jobs/requestModels.js"
import { type RequestIdentity, requestIdentity } from "../../schema/identity.js"
import { GenerationInputKobold } from "./request.js"
import { GenerationSubmittedKobold } from "./submitted.js"

/** The fields that identify a request for texts. */
export const textIdentity: RequestIdentity = /* @__PURE__ */ requestIdentity(
  GenerationInputKobold,
  GenerationSubmittedKobold
)

/** The rule by which requests for texts are compared. */
export const textRequestRule: RequestRule = {
  ...textIdentity,
  reported: reportedValue,
  changeable: ({ allow_downgrade, context_fit }) => [
    ...(allow_downgrade === true ? ["params.max_length", "params.max_context_length"] : []),
    ...(context_fit === "grow" ? ["params.max_context_length"] : [])
  ]
}
