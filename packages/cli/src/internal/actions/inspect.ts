/** `horde inspect`: prints how a picture was generated. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { notFound } from "../failures/failures.js"
import { reported } from "../failures/report.js"
import * as Metadata from "../metadata/picture.js"
import { printJson, printLines } from "../output/json.js"
import { Screen } from "../output/screen.js"
import { fields } from "../output/table.js"
import { readPicture } from "./alchemy.js"

export const inspect = ({ file, json }: { readonly file: string; readonly json: boolean }) =>
  reported(
    { json },
    Effect.gen(function* () {
      const bytes = yield* readPicture(file)
      const generation = Metadata.read(bytes)
      if (Option.isNone(generation)) {
        const format = Metadata.formatName(bytes)
        return yield* notFound(
          format === undefined ? `${file} is neither WebP nor PNG` : `${file} has no metadata of horde draw`
        )
      }
      const { createdAt, height, model, negativePrompt, prompt, seed, software, steps, width } = generation.value
      if (json) return yield* printJson({ file, ...generation.value })
      const { out } = yield* Screen
      yield* printLines(
        fields(
          [
            ["prompt", prompt],
            ["negative prompt", negativePrompt],
            ["model", model],
            ["seed", seed],
            ["size", width === undefined || height === undefined ? undefined : `${width} × ${height}`],
            ["steps", steps === undefined ? undefined : String(steps)],
            ["created", createdAt],
            ["software", software]
          ],
          out.columns()
        )
      )
    })
  )
