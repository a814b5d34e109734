/**
 * The life cycle of a shared key: create it, spend with it, read it back, change it, use it up, delete it.
 *
 * Run with: npm run example -- shared-keys
 * On another horde than the embedded one, HORDE_API_KEY must be set: the anonymous account has no shared keys.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { HordeClient, ImageGeneration, SharedKeys } from "effect-horde"
import * as Here from "./support/horde.js"

const request = ImageGeneration.makeRequest({ prompt: "a paper boat", size: [256, 256], steps: 10 })

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)

  // the key is deleted at every exit, Ctrl-C included, so that nobody can spend it later
  const key = yield* Effect.acquireRelease(
    SharedKeys.create({ name: "for a friend", kudos: 15, expiry: 1 }),
    ({ id }) => Effect.orDie(Effect.zipRight(SharedKeys.remove(id), Console.log("deleted")))
  )
  yield* Console.log(`created:   "${key.name}" with ${key.kudos} kudos; its id prints as ${key.id}`)

  // the friend has only the key
  const asFriend = HordeClient.withApiKey(key.id)
  const [picture] = yield* asFriend(ImageGeneration.generate(request))
  yield* Console.log(`spent:     on a picture of ${picture?.bytes.length} bytes`)

  const afterwards = yield* SharedKeys.modify(key.id, { max_image_steps: 20 })
  yield* Console.log(`modified:  at most ${afterwards.max_image_steps} steps; ${afterwards.kudos} kudos left`)
  const read = yield* SharedKeys.get(key.id)
  yield* Console.log(`read back: ${read.utilized} kudos utilised (the server's reply may be a minute old)`)

  const refusal = yield* asFriend(ImageGeneration.generate(request)).pipe(
    Effect.repeat({ times: 20 }),
    Effect.catchTag("KudosRefused", (error) => Effect.succeed(error))
  )
  yield* Console.log("rc" in refusal ? `used up:   ${refusal.rc}: ${refusal.message}` : "used up:   not yet")
}).pipe(Effect.scoped)

program.pipe(Effect.provide(Here.layer({ takes: "300 millis" })), NodeRuntime.runMain)
