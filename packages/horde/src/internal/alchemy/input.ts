/** The request of an alchemy job as programs write it, and its checks beyond those of the endpoint. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { HordeClient } from "../../HordeClient.js"
import type * as HordeError from "../../HordeError.js"
import { isSharedKey } from "../call/connectionOptions.js"
import { invalid } from "../call/encodeRequest.js"
import { encodeBase64 } from "../image/base64.js"
import { Submit } from "./endpoints.js"
import type { ModelInterrogationInputStable } from "./models.js"

/**
 * A request for the functions that wait for the results.
 *
 * @since 0.1.0
 * @category models
 */
export interface AlchemyInput extends Omit<ModelInterrogationInputStable, "source_image"> {
  /**
   * The bytes of an image file, such as those of a picture; or the image as base64, or a URL from which the server and
   * the workers download it. At most 255 tiles of 512 × 512 pixels.
   */
  readonly source_image: Uint8Array | string
}

/** The request that is sent. Fails if the server would refuse the key, or end the job at once without a result. */
export const requestOf = (
  input: AlchemyInput
): Effect.Effect<ModelInterrogationInputStable, HordeError.InvalidRequest, HordeClient> =>
  Effect.gen(function* () {
    const apiKey = yield* (yield* HordeClient).apiKey
    const { forms, source_image: source } = input
    const errors: Record<string, string> = {}
    if (isSharedKey(Redacted.value(apiKey))) {
      errors["apiKey"] = "must be an account's key or the anonymous one: the server accepts no shared keys for alchemy"
    }
    if (Array.isArray(forms) && forms.length === 0) errors["payload.forms"] = "must have at least one form"
    const isBytes = source instanceof Uint8Array
    if (isBytes && source.length === 0) errors["payload.source_image"] = "must not be empty"
    if (Object.keys(errors).length > 0) return yield* invalid(Submit.declaration, errors)
    return { ...input, source_image: isBytes ? encodeBase64(source) : source }
  })
