/** `horde price`: the price of a request in kudos. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as TextGeneration from "effect-horde/TextGeneration"
import { withHorde } from "../connection/withHorde.js"
import { reported } from "../failures/report.js"
import type { ConnectionOptions } from "../options/connection.js"
import type { ImageInput } from "../options/image.js"
import { printJson } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { number } from "../output/text.js"
import * as Request from "../pictures/request.js"
import { requestOf } from "./write.js"

export interface PriceInput {
  readonly prompt: string
  readonly text: boolean
  readonly length: Option.Option<number>
  readonly image: ImageInput
  readonly connection: ConnectionOptions
}

export const price = ({ connection, image, length, prompt, text }: PriceInput) =>
  reported(
    connection,
    Effect.gen(function* () {
      const { request } = yield* Request.make(prompt, image)
      const program = Effect.gen(function* () {
        yield* Progress.doing("asking for the price")
        const { kudos } = text
          ? yield* TextGeneration.price(requestOf({ prompt, length, number: image.number, model: image.model }))
          : yield* ImageGeneration.price(request)
        yield* connection.json
          ? printJson({ kudos })
          : Effect.flatMap(Screen, ({ print }) => print(`${number(kudos)} kudos`))
      })
      yield* withHorde(connection, {}, program)
    })
  )
