/** Makes the request of `draw` and `price` from their options. */
import * as Effect from "effect/Effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Status from "effect-horde/Status"
import { type CommandFailed, notFound, usage } from "../failures/failures.js"
import { type ImageInput, sizeOf, valueOf } from "../options/image.js"
import type { Requested } from "./save.js"

/** The request, and its parts for the metadata of the pictures. */
export interface ImageRequest {
  readonly request: ImageGeneration.GenerationInputStable
  readonly requested: Requested
}

export const make = (prompt: string, input: ImageInput): Effect.Effect<ImageRequest, CommandFailed> =>
  Effect.gen(function* () {
    const text = valueOf(input.size)
    const size = text === undefined ? undefined : sizeOf(text)
    if (text !== undefined && size === undefined) return yield* usage("--size must be WIDTHxHEIGHT, such as 512x768")
    if (prompt.trim() === "") return yield* usage("the prompt is empty")
    const negativePrompt = valueOf(input.negative)
    const steps = valueOf(input.steps)
    const [width, height] = size ?? [512, 512]
    return {
      request: ImageGeneration.makeRequest(
        {
          prompt,
          negativePrompt,
          size,
          steps,
          count: input.number,
          seed: valueOf(input.seed),
          models: input.model.length > 0 ? input.model : undefined
        },
        input.sfw ? { nsfw: false, censor_nsfw: true } : {}
      ),
      requested: {
        prompt,
        ...(negativePrompt === undefined ? {} : { negativePrompt }),
        width,
        height,
        steps: steps ?? 30
      }
    }
  })

/** The served model whose name is most like the given one. */
const similar = (name: string, served: ReadonlyArray<string>): string | undefined => {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")
  const wanted = plain(name)
  return (
    served.find((other) => plain(other) === wanted) ??
    served.find((other) => wanted.length > 2 && (plain(other).includes(wanted) || wanted.includes(plain(other))))
  )
}

/** Fails if no worker serves one of the models: the job would wait until it times out. */
export const checkModels = (
  models: ReadonlyArray<string>,
  type: "image" | "text"
): Effect.Effect<void, CommandFailed | Status.ModelsError, Status.Models> =>
  Effect.gen(function* () {
    if (models.length === 0) return
    const served = (yield* Status.available(type)).flatMap(({ name }) => (name === undefined ? [] : [name]))
    const unknown = models.find((model) => !served.includes(model))
    if (unknown === undefined) return
    const near = similar(unknown, served)
    const list = `horde models${type === "text" ? " --text" : ""} lists the models that are online`
    return yield* notFound(
      `no worker serves the model "${unknown}"`,
      near === undefined ? list : `did you mean "${near}"? ${list}`
    )
  })
