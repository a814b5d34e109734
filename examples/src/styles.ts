/**
 * Creates a style, finds it in the list, draws a picture with it, and deletes it.
 *
 * Run with: npm run example -- styles
 * On another horde than the embedded one, HORDE_API_KEY must belong to a trusted account or a customizer.
 */
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Accounts } from "@effect-horde/server"
import { Console, Effect } from "effect"
import { ImageGeneration, Styles } from "effect-horde"
import * as Here from "./support/horde.js"

/** A tag of this run alone. The server caches lists for 30 seconds, and one with this tag has not been read before. */
const tag = `example-${Date.now()}`

// the style is deleted at every exit, Ctrl-C included
const temporaryStyle = Effect.acquireRelease(
  Styles.createImage({
    name: `ink drawing ${tag}`,
    info: "black ink on white paper",
    prompt: "{p}, ink drawing, black on white paper###colour, {np}",
    models: ["stable_diffusion"],
    params: { width: 512, height: 512, steps: 15 },
    tags: [tag]
  }),
  ({ id }) => Effect.orDie(Effect.zipRight(Styles.removeImage(id), Console.log("deleted")))
)

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)
  const { id } = yield* temporaryStyle
  for (const { creator, name, prompt } of yield* Styles.listImage({ tag })) {
    yield* Console.log(`created:  "${name}" of ${creator}: ${prompt}`)
  }

  // the style has the models and the parameters
  const job = yield* ImageGeneration.submit({ prompt: "a heron at a pond###people", style: id })
  yield* Console.log("drawing:  a heron at a pond")
  for (const { model, path } of yield* ImageGeneration.save(job, { directory: join("examples", "output") })) {
    yield* Console.log(`drawn:    by ${model}. Open it: ${path}`)
  }

  const { use_count } = yield* Styles.getImage(id)
  yield* Console.log(`used:     ${use_count} times`)
}).pipe(Effect.scoped)

program.pipe(Effect.provide([Here.layer({}, [], Accounts.ownerKey), NodeContext.layer]), NodeRuntime.runMain)
