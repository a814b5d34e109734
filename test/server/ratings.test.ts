import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, status, submit } from "./raw.js"
import { outcome } from "./texts.js"

const unknown = "00000000-0000-4000-8000-000000000000"

const rate = (job: string, rating: object = { rating: 5 }) =>
  Effect.gen(function* () {
    const { headers, ...answer } = yield* call("POST", `/v2/generate/rate/${job}`, {
      body: { best: unknown, ratings: [{ id: unknown, ...rating }] }
    })
    assert.strictEqual(headers["x-ratelimit-limit"], "5")
    return outcome(answer)
  })

describe("ratings", () => {
  it.effect("a job cannot be rated before it is completed, nor afterwards, since no job is shared", () =>
    Effect.gen(function* () {
      // as recorded
      assert.deepStrictEqual(yield* rate(unknown), [404, "RequestNotFound"])
      const job = yield* submit("a boat")
      assert.deepStrictEqual(yield* rate(job), [400, "AestheticsNotCompleted"])
      yield* TestClock.adjust("1 minute")
      assert.isTrue((yield* status(job))["done"])
      assert.deepStrictEqual(yield* rate(job), [400, "AestheticsNotPublic"])
      assert.deepStrictEqual(yield* rate(job, { rating: 11 }), [400, ["ratings.0.rating"]])
      assert.deepStrictEqual(yield* rate(job, {}), [400, ["ratings.0.rating"]])
    }).pipe(Effect.provide(HordeServer.layerClient({ seed: 1 })))
  )
})
