/** `horde write`: writes texts and prints them. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TextGeneration from "effect-horde/TextGeneration"
import { withHorde } from "../connection/withHorde.js"
import { usage } from "../failures/failures.js"
import { reported } from "../failures/report.js"
import type { ConnectionOptions } from "../options/connection.js"
import { valueOf } from "../options/image.js"
import { printJson } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { checkModels } from "../pictures/request.js"
import { cancelledOnInterrupt } from "./cancelled.js"
import { waitOptions } from "./waitOptions.js"

export interface WriteInput {
  readonly prompt: string
  readonly number: number
  readonly length: Option.Option<number>
  readonly model: ReadonlyArray<string>
  readonly journal: Option.Option<string>
  readonly timeout: Option.Option<number>
  readonly connection: ConnectionOptions
}

/** The request of `write`, and of `price --text`. */
export const requestOf = ({
  length,
  model,
  number,
  prompt
}: Pick<WriteInput, "length" | "model" | "number" | "prompt">): TextGeneration.GenerationInputKobold => {
  const maxLength = valueOf(length)
  return {
    prompt,
    ...(model.length > 0 ? { models: model } : {}),
    params: { n: number, ...(maxLength === undefined ? {} : { max_length: maxLength }) }
  }
}

/** A text for `--json`. */
const asJson = ({ censored, model, seed, text, workerName }: TextGeneration.GeneratedText) => ({
  text,
  model,
  seed,
  worker: workerName,
  censored
})

/** Waits for a job, and prints each text when it arrives. */
export const print = (job: TextGeneration.TextJob, json: boolean) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const texts: Array<TextGeneration.GeneratedText> = []
    yield* Stream.runForEach(job.progress, (event) =>
      Effect.gen(function* () {
        if (event._tag === "Checked") {
          return yield* Progress.show(event.check, job.ticket.submittedAt.epochMillis, "writing")
        }
        if (event._tag === "Finished") return
        if (!json) yield* screen.print(texts.length === 0 ? event.result.text : `\n${event.result.text}`)
        texts.push(event.result)
      })
    )
    yield* screen.clearStatus
    return texts.map(asJson)
  })

export const write = (input: WriteInput) => {
  const { connection, journal, model, timeout } = input
  return reported(
    connection,
    Effect.gen(function* () {
      if (input.prompt.trim() === "") return yield* usage("the prompt is empty")
      const program = Effect.gen(function* () {
        yield* Progress.doing("submitting the request")
        yield* checkModels(model, "text")
        const options = { ...waitOptions(valueOf(timeout)), results: "as they arrive" } as const
        const job = yield* TextGeneration.submit(requestOf(input), options)
        const texts = yield* print(job, connection.json)
        if (connection.json) yield* printJson({ texts })
      })
      return yield* withHorde(connection, { journal }, cancelledOnInterrupt(program))
    })
  )
}
