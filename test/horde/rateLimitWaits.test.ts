/**
 * How long the rate limit delays a call, whatever the server says, and how a failed submit releases its share of the
 * quota.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, TestClock } from "effect"
import * as Endpoint from "effect-horde/Endpoint"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as SharedKeys from "effect-horde/SharedKeys"
import { jobId, jobServer } from "../support/jobServer.js"
import { type Answer, json, server } from "../support/scripted.js"
import { sharedKeyDetails as details } from "../support/sharedKeyDetails.js"
import { baseUrl } from "../support/stack.js"
import { rawSubmit, runToEnd, timed } from "../support/virtualTime.js"

const key = SharedKeys.sharedKeyId("00000000-0000-4000-8000-000000000001")

const limits = (remaining: number, retryAfter: string) => ({
  "x-ratelimit-limit": "90",
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": "1e300",
  "retry-after": retryAfter
})

/** The limit of `SharedKeys.get` is 90 a minute. */
const over = (answer: (index: number) => Answer, limit: RateLimit.Options = {}, retry = Retry.layer()) =>
  SharedKeys.layer.pipe(
    Layer.provide(HordeClient.layer({ baseUrl })),
    Layer.provide([RateLimit.layerWith(limit), retry, server((_, index) => answer(index)).layer])
  )

const get = Effect.either(SharedKeys.get(key))

describe("delays for windows", () => {
  for (const said of [
    "999999",
    "999999999999999999999",
    "1e300",
    "Infinity",
    "-5",
    "NaN",
    "Fri, 31 Dec 9999 23:59:59 GMT"
  ]) {
    it.effect(`a call is delayed no longer than the window when a reply says ${said}`, () =>
      Effect.gen(function* () {
        const layer = over((index) => json(200, details, limits(index === 0 ? 0 : 50, said)))
        const { took, value } = yield* runToEnd(timed(Effect.zipRight(get, get)), "1 second").pipe(
          Effect.provide(layer)
        )
        assert.strictEqual(value._tag, "Right")
        assert.isAtMost(took, 60_000)
      })
    )
  }

  it.effect("a call is delayed as long as the limiter says if that is less than the window", () =>
    Effect.gen(function* () {
      const layer = over((index) =>
        index === 0 ? json(429, { message: "90 per 1 minute" }, limits(0, "3")) : json(200, details)
      )
      const { took, value } = yield* runToEnd(timed(get), "100 millis").pipe(Effect.provide(layer))
      assert.strictEqual(value._tag, "Right")
      assert.strictEqual(took, 3000)
    })
  )

  it.effect("other calls of the same window are delayed as long as the limiter says", () =>
    Effect.gen(function* () {
      const layer = over(
        (index) => (index === 0 ? json(429, { message: "90 per 1 minute" }, limits(0, "20")) : json(200, details)),
        {},
        Retry.layerNone
      )
      const calls = Effect.zipRight(get, timed(get))
      const { took, value } = yield* runToEnd(calls, "1 second").pipe(Effect.provide(layer))
      assert.strictEqual(value._tag, "Right")
      assert.strictEqual(took, 20_000)
    })
  )

  it.effect("a call that would be delayed longer than maxWait fails at once with the server's message", () =>
    Effect.gen(function* () {
      const layer = over(
        (index) => (index === 0 ? json(429, { message: "90 per 1 minute" }, limits(0, "40")) : json(200, details)),
        { maxWait: "10 seconds" }
      )
      const calls = Effect.zipRight(Effect.fork(get), Effect.zipRight(Effect.sleep("1 second"), timed(get)))
      const { took, value } = yield* runToEnd(calls, "100 millis").pipe(Effect.provide(layer))
      assert(value._tag === "Left" && value.left._tag === "RateLimited")
      assert.strictEqual(took, 0)
      assert.include(value.left.message, "90 per 1 minute")
      assert.strictEqual(value.left.retryAfter && Math.ceil(Duration.toSeconds(value.left.retryAfter)), 39)
    })
  )

  it.effect("maxWait is five minutes by default", () =>
    Effect.gen(function* () {
      const layer = over(() => json(200, details), { limits: () => [{ max: 1, per: "1 hour", key: "endpoint" }] })
      const { took, value } = yield* runToEnd(timed(Effect.zipRight(get, get))).pipe(Effect.provide(layer))
      assert(value._tag === "Left")
      assert.strictEqual(value.left._tag, "RateLimited")
      assert.strictEqual(took, 0)
    })
  )

  it.effect("a reply with a window beyond all dates is no defect", () =>
    Effect.gen(function* () {
      const layer = over(() => json(200, details, limits(50, "1")))
      const { receipt } = yield* Endpoint.withReply(get).pipe(Effect.provide(layer))
      assert.strictEqual(receipt._tag, "Some")
    })
  )
})

const submit = (prompt: string) => Effect.scoped(rawSubmit({ prompt, params: { n: 4 } }))

const full = json(429, { message: "too many", rc: "TooManyPrompts" })
const refused = json(400, { message: "no", rc: "CorruptPrompt" })
const accepted = json(202, { id: jobId, kudos: 1 })

describe("submits that release their quota", () => {
  /** The account has a quota of four pictures: one job. */
  const knowsItsRoom = Effect.flip(submit("too many"))

  it.effect("a refused submit releases its quota", () =>
    Effect.gen(function* () {
      const replies = [full, refused, accepted]
      const scripted = jobServer({ submit: (index) => replies[index] ?? accepted })
      const program = Effect.gen(function* () {
        yield* knowsItsRoom
        yield* Effect.flip(submit("refused"))
        return yield* timed(submit("next"))
      })
      const { took } = yield* runToEnd(program, "1 second").pipe(scripted.run)
      assert.isAtMost(took, 1000)
    })
  )

  it.effect("a submit that is interrupted while it waits for the rate limit releases its quota", () =>
    Effect.gen(function* () {
      const scripted = jobServer({ submit: (index) => (index === 0 ? full : accepted) })
      const program = Effect.gen(function* () {
        yield* knowsItsRoom
        yield* Effect.flip(Effect.flip(submit("second in this second")))
        const waiting = yield* Effect.fork(submit("third in this second"))
        yield* TestClock.adjust("1 millis")
        yield* Fiber.interrupt(waiting)
        return yield* timed(submit("next"))
      })
      const { took } = yield* runToEnd(program, "100 millis").pipe(scripted.run)
      assert.isAtMost(took, 1000)
    })
  )
})
