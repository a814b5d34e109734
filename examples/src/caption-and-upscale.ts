/**
 * Draws a picture, then asks for its caption and for a version of twice the size, and saves both pictures.
 *
 * Run with: npm run example -- caption-and-upscale ["what to draw"]
 */
import { join } from "node:path"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { Alchemy, ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"
import * as Line from "./support/line.js"

const words = process.argv.slice(2).join(" ")
const prompt = words === "" ? "a lighthouse on a cliff at dusk" : words

const directory = join("examples", "output")

const save = (name: string, bytes: Uint8Array) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = join(directory, name)
    yield* fs.makeDirectory(directory, { recursive: true })
    yield* fs.writeFile(path, bytes)
    yield* Console.log(`Open it: ${path} (${bytes.byteLength} bytes)`)
  })

/** Prints or saves the result of a form. */
const show = (result: Alchemy.FormResult, name: string) => {
  if (result._tag === "Caption") return Console.log(`Caption: ${result.text}`)
  if (result._tag === "Image") return save(`${name}-large.${result.extension}`, result.bytes)
  return Console.log(`${result.form}: no result of the expected kind`)
}

const describe = ({ forms }: Alchemy.AlchemyCheck) =>
  forms
    .map(({ form, state }) => `${form} ${state}`)
    .sort()
    .join(", ")

const program = Effect.gen(function* () {
  yield* Console.log(`Drawing "${prompt}"\non ${yield* Here.whereabouts}\n`)
  const [picture] = yield* ImageGeneration.generate(ImageGeneration.makeRequest({ prompt, size: [512, 512] }))
  if (picture === undefined) return yield* Console.log("the job has no picture")
  yield* save(`${picture.id}.${picture.extension}`, picture.bytes)

  const forms = [{ name: "caption" }, { name: "RealESRGAN_x2plus" }]
  const events = Alchemy.progress({ source_image: picture.bytes, forms }, { results: "as they arrive" })
  yield* Stream.runForEach(events, (event) => {
    if (event._tag === "Checked") return Line.show(describe(event.check))
    return event._tag === "Arrived" ? Effect.zipRight(Line.end, show(event.result, picture.id)) : Effect.void
  })
})

program.pipe(Effect.provide([Here.layer(), NodeContext.layer]), NodeRuntime.runMain)
