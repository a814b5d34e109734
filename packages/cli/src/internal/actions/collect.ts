/** Waits for a job of any kind that was submitted by another command, and saves or prints its results. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Alchemy from "effect-horde/Alchemy"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as TextGeneration from "effect-horde/TextGeneration"
import { Screen } from "../output/screen.js"
import { stampOf } from "../pictures/fileName.js"
import { makeFolder } from "../pictures/folder.js"
import { asJson, type Requested, save } from "../pictures/save.js"
import { results, saveImage } from "./alchemy.js"
import { print } from "./write.js"

const promptOf = (text: string | undefined): Requested => {
  if (text === undefined) return {}
  const [prompt = "", negativePrompt] = text.split(/ ?### ?/, 2)
  return { prompt, ...(negativePrompt === undefined ? {} : { negativePrompt }) }
}

/**
 * The request of a job, which the journal does not have. Newer servers return it to the account that submitted it; it
 * is empty if the server does not.
 */
const requestedOf = (ticket: Job.Ticket): Effect.Effect<Requested, never, ImageGeneration.Submitted> =>
  ImageGeneration.submitted(Job.GenerationRequestId.make(Redacted.value(ticket.id))).pipe(
    Effect.map(({ params, prompt }): Requested => {
      const { height, steps, width } = params ?? {}
      return {
        ...promptOf(prompt),
        ...(typeof width === "number" ? { width } : {}),
        ...(typeof height === "number" ? { height } : {}),
        ...(typeof steps === "number" ? { steps } : {})
      }
    }),
    Effect.orElseSucceed(() => ({}))
  )

/** The results are printed when they arrive, and returned for `--json`. */
export const collect = (ticket: Job.Ticket, options: { readonly directory: string; readonly json: boolean }) =>
  Effect.gen(function* () {
    const { directory, json } = options
    if (ticket.kind === "text") {
      const job = yield* TextGeneration.resume(ticket, { results: "as they arrive" })
      return { kind: "text", texts: yield* print(job, json) }
    }
    if (ticket.kind === "alchemy") {
      const found = yield* results(yield* Alchemy.resume(ticket))
      const { print } = yield* Screen
      const values = yield* Effect.forEach(found, (result) =>
        Effect.gen(function* () {
          if (result._tag !== "Image") return result._tag === "Caption" ? result.text : `no result: ${result.form}`
          const name = `${stampOf(ticket.submittedAt)}-${result.form.replaceAll(/[^A-Za-z0-9]+/g, "-")}`
          yield* makeFolder(directory)
          return yield* saveImage(result, { directory, name })
        })
      )
      if (!json) yield* Effect.forEach(values, print, { discard: true })
      return { kind: "alchemy", results: values }
    }
    const requested = yield* requestedOf(ticket)
    const job = yield* ImageGeneration.resume(ticket, { results: "as they arrive" })
    const { pictures } = yield* save(job, { directory, requested, json })
    return { kind: "image", pictures: pictures.map(asJson) }
  })
