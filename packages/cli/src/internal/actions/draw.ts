/** `horde draw`: draws pictures and saves them. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { withHorde } from "../connection/withHorde.js"
import { reported } from "../failures/report.js"
import type { ConnectionOptions } from "../options/connection.js"
import { type ImageInput, valueOf } from "../options/image.js"
import { printJson } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { counted, number } from "../output/text.js"
import * as Request from "../pictures/request.js"
import { asJson, save } from "../pictures/save.js"
import { cancelledOnInterrupt } from "./cancelled.js"
import { waitOptions } from "./waitOptions.js"

export interface DrawInput {
  readonly prompt: string
  readonly image: ImageInput
  readonly output: string
  readonly journal: Option.Option<string>
  readonly timeout: Option.Option<number>
  readonly connection: ConnectionOptions
}

export const draw = ({ connection, image, journal, output, prompt, timeout }: DrawInput) =>
  reported(
    connection,
    Effect.gen(function* () {
      const { request, requested } = yield* Request.make(prompt, image)
      const program = Effect.gen(function* () {
        const screen = yield* Screen
        yield* Progress.doing("submitting the request")
        yield* Request.checkModels(image.model, "image")
        const options = { ...waitOptions(valueOf(timeout)), results: "as they arrive" } as const
        const job = yield* ImageGeneration.submit(request, options)
        for (const { message } of job.reply.warnings ?? []) {
          if (message !== undefined) yield* screen.note(`warning: ${message}`)
        }
        const { kudos, pictures } = yield* save(job, { directory: output, requested, json: connection.json })
        yield* screen.clearStatus
        if (connection.json) yield* printJson({ pictures: pictures.map(asJson), kudos })
        else if (screen.err.isTerminal)
          yield* screen.note(`${counted(pictures.length, "picture")} for ${number(kudos)} kudos`)
      })
      yield* withHorde(connection, { journal }, cancelledOnInterrupt(program))
    })
  )
