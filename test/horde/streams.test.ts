/** Combinators that accept both effects and streams. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect, Redacted, Stream } from "effect"
import * as Endpoint from "effect-horde/Endpoint"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { stack } from "../support/stack.js"
import { runToEnd, small } from "../support/virtualTime.js"

const horde = Effect.provide(stack())

describe("streams", () => {
  it.effect("a stream with withApiKey uses the key from its submit to its end", () =>
    Effect.gen(function* () {
      const events = ImageGeneration.progress(small()).pipe(HordeClient.withApiKey(Redacted.make(Accounts.plainKey)))
      yield* runToEnd(Stream.runDrain(events))
      const { exchanges } = yield* HordeServer.HordeServer
      const submits = (yield* exchanges).filter(({ method }) => method === "POST")
      assert.deepStrictEqual(
        submits.map(({ account }) => account),
        ["plain"]
      )
    }).pipe(horde)
  )

  it.effect("a stream with an undefined key fails, and nothing is sent", () =>
    Effect.gen(function* () {
      const events = ImageGeneration.progress(small()).pipe(HordeClient.withApiKey(undefined))
      const error = yield* runToEnd(Effect.flip(Stream.runDrain(events)))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.include(error.message, "HordeClient.anonymous")
      assert.isEmpty(yield* (yield* HordeServer.HordeServer).exchanges)
    }).pipe(horde)
  )

  it.effect("a lenient stream sends values beyond the published ranges", () =>
    Effect.gen(function* () {
      const tooSmall = { ...small(), params: { width: 65, height: 64 } }
      const strict = yield* Effect.flip(Stream.runDrain(ImageGeneration.progress(tooSmall)))
      assert.strictEqual(strict._tag, "InvalidRequest")
      const sent = yield* Effect.flip(Stream.runDrain(ImageGeneration.progress(tooSmall).pipe(Endpoint.lenient)))
      assert.strictEqual(sent._tag, "BadRequest")
    }).pipe(horde)
  )
})
