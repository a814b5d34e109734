/**
 * Writes a story, draws a picture for each paragraph, and enlarges the picture with the best score.
 *
 * Run with: npm run example -- story-with-pictures ["the beginning of the story"]
 */
import { join } from "node:path"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Array as Arr, Console, Effect, Order } from "effect"
import { Alchemy, ImageGeneration, TextGeneration } from "effect-horde"
import * as Here from "./support/horde.js"

const words = process.argv.slice(2).join(" ")
const beginning = words === "" ? "The lighthouse keeper opened the door and" : words

const directory = join("examples", "output", "story")

/** Writes one paragraph that continues the story. */
const continued = (story: ReadonlyArray<string>) =>
  Effect.map(
    TextGeneration.generate({ prompt: story.join("\n\n"), params: { max_length: 80, stop_sequence: ["\n\n"] } }),
    ([text]) => text?.text.trim() ?? ""
  )

/** Each paragraph continues those before it, so they are written one after the other. */
const written = Effect.gen(function* () {
  const first = `${beginning} ${yield* continued([beginning])}`
  const second = yield* continued([first])
  return [first, second, yield* continued([first, second])] as const
})

const drawn = (paragraph: string) =>
  Effect.map(
    ImageGeneration.generate(ImageGeneration.makeRequest({ prompt: paragraph.slice(0, 500), size: [512, 512] })),
    Arr.head
  ).pipe(Effect.flatten)

/** The score of a picture; 0 if its form failed. */
const scoreOf = ({ bytes }: ImageGeneration.Picture) =>
  Effect.map(Alchemy.run({ source_image: bytes, forms: [{ name: "aesthetic" }] }), ([result]) =>
    result?._tag === "Json" ? Number(result.value) || 0 : 0
  )

const enlarged = ({ bytes }: ImageGeneration.Picture) =>
  Effect.map(Alchemy.run({ source_image: bytes, forms: [{ name: "RealESRGAN_x2plus" }] }), ([result]) =>
    result?._tag === "Image" ? result : undefined
  )

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(directory, { recursive: true })
  yield* Console.log(`On ${yield* Here.whereabouts}\n\nWriting …`)
  const paragraphs = yield* written

  yield* Console.log(`Drawing ${paragraphs.length} pictures …`)
  const illustrated = yield* Effect.forEach(
    paragraphs,
    (paragraph) =>
      Effect.gen(function* () {
        const picture = yield* drawn(paragraph)
        return { paragraph, picture, score: yield* scoreOf(picture) }
      }),
    { concurrency: "unbounded" }
  )

  const best = Arr.max(
    illustrated,
    Order.mapInput(Order.number, ({ score }: (typeof illustrated)[number]) => score)
  )
  yield* Console.log("Enlarging the best one …")
  const cover = (yield* enlarged(best.picture)) ?? best.picture

  const save = (name: string, { bytes, extension }: Pick<ImageGeneration.Picture, "bytes" | "extension">) =>
    Effect.as(fs.writeFile(join(directory, `${name}.${extension}`), bytes), `${name}.${extension}`)
  const pages = yield* Effect.forEach(illustrated, (page, index) =>
    Effect.map(
      save(page === best ? "cover" : `picture-${index + 1}`, page === best ? cover : page.picture),
      (file) => `![](${file})\n\n${page.paragraph}\n`
    )
  )
  const path = join(directory, "story.md")
  yield* fs.writeFileString(path, pages.join("\n"))
  yield* Console.log(`\nOpen it: ${path} (${pages.length} pictures, the best one in twice the size)`)
})

program.pipe(Effect.provide([Here.layer({ takes: "2 seconds" }), NodeContext.layer]), NodeRuntime.runMain)
