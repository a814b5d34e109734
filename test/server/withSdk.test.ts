/** The SDK with the embedded horde, just enough to see that they are compatible. */

import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as TextGeneration from "effect-horde/TextGeneration"
import { runToEnd } from "../support/virtualTime.js"

const connected = Effect.provide(
  Horde.layer({ apiKey: Redacted.make(Accounts.plainKey), baseUrl: "http://127.0.0.1/api" }).pipe(
    Layer.provideMerge(HordeServer.layerClient())
  )
)

describe("the SDK with the embedded horde", () => {
  it.effect("the SDK decodes the replies of the embedded horde", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Status.heartbeat).version, "5.1.5")
      const key = yield* SharedKeys.create({ kudos: 500, name: "demo", expiry: 7 })
      yield* SharedKeys.modify(key.id, { kudos: 400 })
      assert.strictEqual((yield* SharedKeys.get(key.id)).kudos, 400)
      yield* SharedKeys.remove(key.id)
    }).pipe(connected)
  )

  it.effect("the SDK generates pictures on the embedded horde", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const pictures = yield* runToEnd(
        ImageGeneration.generate({ prompt: "a bay", params: { n: 2, width: 128, height: 128, steps: 8 } })
      )
      assert.strictEqual(pictures.length, 2)
      const [job] = yield* server.jobs
      assert.include(job, { state: "finished", cancels: 0 })
    }).pipe(connected)
  )

  it.effect("the SDK generates texts on the embedded horde", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const texts = yield* runToEnd(TextGeneration.generate({ prompt: "Once upon a time", params: { n: 2 } }))
      assert.deepStrictEqual(
        texts.map(({ seed, text }) => [typeof seed, text.length > 300]),
        [
          ["number", true],
          ["number", true]
        ]
      )
      const [job] = yield* server.jobs
      assert.include(job, { kind: "text", state: "finished", cancels: 0 })
      const request = yield* TextGeneration.submitted(Job.GenerationRequestId.make(job?.id ?? ""))
      assert.strictEqual(request.prompt, "Once upon a time")
      assert.strictEqual((yield* TextGeneration.price({ prompt: "Once upon a time" })).kudos, 37)
    }).pipe(connected)
  )
})
