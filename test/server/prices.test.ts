import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { call } from "./raw.js"

const embedded = Effect.provide(HordeServer.layerClient({ seed: 1, limits: "raised" }))

const price = (params: object, more: object = {}) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    yield* server.emptyLimiter
    const body = { prompt: "a bay", params, dry_run: true, ...more }
    const answer = yield* call("POST", "/v2/generate/async", { key: Accounts.ownerKey, body })
    assert.strictEqual(answer.status, 200, answer.text)
    return answer.body["kudos"]
  })

describe("prices", () => {
  it.effect("prices are those of the real server", () =>
    Effect.gen(function* () {
      const square = (side: number, steps: number) => ({ width: side, height: side, steps })
      const sdxl = { models: ["AlbedoBase XL (SDXL)"] }
      assert.strictEqual(yield* price({}), 10)
      assert.strictEqual(yield* price(square(512, 8)), 6)
      assert.strictEqual(yield* price(square(512, 50)), 13)
      assert.strictEqual(yield* price(square(768, 30)), 14)
      assert.strictEqual(yield* price(square(1024, 30)), 23)
      assert.strictEqual(yield* price(square(1024, 8)), 14)
      assert.strictEqual(yield* price(square(1024, 30), sdxl), 45)
      assert.strictEqual(yield* price(square(1024, 8), sdxl), 27)
      assert.strictEqual(yield* price(square(1024, 30), { models: ["Flux.1-Schnell fp8 (Compact)"] }), 177)
    }).pipe(embedded)
  )

  it.effect("prices are cached for two days for all callers", () =>
    Effect.gen(function* () {
      yield* price({ steps: 12 })
      const jobs = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
      assert.deepStrictEqual(jobs, [])
      const ask = (steps: number) =>
        call("POST", "/v2/generate/async", { key: "nobody", body: { prompt: "x", params: { steps }, dry_run: true } })
      assert.strictEqual((yield* ask(12)).status, 200)
      assert.strictEqual((yield* ask(13)).status, 401)
    }).pipe(embedded)
  )
})
