import { type RequestIdentity, requestIdentity } from "../../schema/identity.js"
import { GenerationInputStable } from "./request.js"
import { GenerationSubmittedStable } from "./submitted.js"

/** The fields that identify a request for images. */
export const imageIdentity: RequestIdentity = requestIdentity(GenerationInputStable, GenerationSubmittedStable)
