/** Downloads that fail temporarily are repeated with backoff, not before their Retry-After, and for a limited time. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import * as Download from "effect-horde/Download"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { type Answer, server } from "../support/scripted.js"
import { runToEnd, timed } from "../support/virtualTime.js"

const picture: Answer = { status: 200, body: "GIF89a\x01\0\x01\0\0\0\0;" }

const refusal = (status: number, retryAfter?: string): Answer => ({
  status,
  headers: retryAfter === undefined ? {} : { "retry-after": retryAfter }
})

/** Downloads over these replies in order, of which the last one is repeated, and records the time of each request. */
const over = (answers: ReadonlyArray<Answer>, options?: Download.Options) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const times: Array<number> = []
    const { layer } = server((_, index) => {
      times.push(clock.unsafeCurrentTimeMillis())
      return answers[Math.min(index, answers.length - 1)] ?? picture
    })
    const stack = Download.layer(options).pipe(
      Layer.provide(Layer.orDie(HordeClient.layer({ baseUrl: "https://horde.test/api" }))),
      Layer.provide([RateLimit.layerNone, Retry.layerNone]),
      Layer.provide(layer)
    )
    const { image } = yield* Effect.provide(Download.Download, stack)
    return { get: image("https://store.test/1"), times }
  })

const pauses = (times: ReadonlyArray<number>) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

describe("downloads that fail temporarily", () => {
  for (const status of [408, 429, 500, 502, 503, 504, 522]) {
    it.effect(`a download is repeated with growing pauses after status ${status}`, () =>
      Effect.gen(function* () {
        const { get, times } = yield* over([...Array.from({ length: 6 }, () => refusal(status)), picture])
        yield* runToEnd(get, "1 second")
        const found = pauses(times)
        assert.lengthOf(found, 6)
        for (const [index, pause] of found.entries()) {
          const least = Math.min(500 * 2 ** index, 15_000)
          assert.isAtLeast(pause, least)
          assert.isAtMost(pause, least * 1.2 + 1)
        }
        // each pause has a random part
        assert.isAbove(new Set(found.map((pause, index) => pause / Math.min(500 * 2 ** index, 15_000))).size, 1)
      })
    )
  }

  for (const status of [429, 503]) {
    it.effect(`a download is not repeated before its Retry-After of two seconds after status ${status}`, () =>
      Effect.gen(function* () {
        const { get, times } = yield* over([refusal(status, "2"), refusal(status, "2"), refusal(status, "2"), picture])
        yield* runToEnd(get, "1 second")
        const [first = 0, second = 0, third = 0] = pauses(times)
        assert.deepStrictEqual([first, second], [2000, 2000])
        assert.isAtLeast(third, 2000)
        assert.isBelow(third, 2500)
      })
    )
  }

  it.effect("a download is repeated at the date in Retry-After", () =>
    Effect.gen(function* () {
      const { get, times } = yield* over([refusal(503, "Thu, 01 Jan 1970 00:00:30 GMT"), picture])
      yield* runToEnd(get, "1 second")
      assert.deepStrictEqual(pauses(times), [30_000])
    })
  )

  for (const odd of ["0", "-5", "soon", "", "Infinity", "NaN", "1e9", "Thu, 01 Jan 1960 00:00:00 GMT"]) {
    it.effect(`a download is repeated with the usual pause after a Retry-After of ${JSON.stringify(odd)}`, () =>
      Effect.gen(function* () {
        const { get, times } = yield* over([refusal(503, odd), picture])
        yield* runToEnd(get, "1 second")
        assert.isAtLeast(times[1] ?? 0, 500)
        assert.isBelow(times[1] ?? 0, 601)
      })
    )
  }

  it.effect("a download fails after two minutes of retries", () =>
    Effect.gen(function* () {
      const { get, times } = yield* over([refusal(503)])
      const { took, value } = yield* runToEnd(timed(Effect.flip(get)), "1 second")
      assert.deepInclude(value, { _tag: "DownloadFailed", reason: "Transport", message: "the link answered 503" })
      assert.isAtLeast(took, 100_000)
      assert.isAtMost(took, 120_000)
      assert.isAbove(times.length, 8)
      assert.isBelow(times.length, 15)
    })
  )

  for (const [retryAfter, named] of [
    ["121", /answered 429, and asks to wait 2m 1s: retries may take 2m in all/],
    ["Fri, 02 Jan 1970 00:00:00 GMT", /asks to wait 1d/],
    ["9".repeat(60_000), /asks to wait 11574d/]
  ] as const) {
    it.effect(`a download fails at once if Retry-After exceeds two minutes: ${retryAfter.slice(0, 30)}`, () =>
      Effect.gen(function* () {
        const { get, times } = yield* over([refusal(429, retryAfter)])
        const { took, value } = yield* runToEnd(timed(Effect.flip(get)))
        assert.strictEqual(value.reason, "Transport")
        assert.isTrue(value.isRetryable)
        assert.match(value.message, named)
        assert.strictEqual(took, 0)
        assert.lengthOf(times, 1)
      })
    )
  }

  it.effect("a download is repeated for the time in retryWithin", () =>
    Effect.gen(function* () {
      const short = yield* over([refusal(503, "2"), picture], { retryWithin: "1 second" })
      assert.match((yield* Effect.flip(short.get)).message, /asks to wait 2s: retries may take 1s in all/)
      const none = yield* over([refusal(503), picture], { retryWithin: 0 })
      assert.strictEqual((yield* Effect.flip(none.get)).reason, "Transport")
      assert.lengthOf(none.times, 1)
      const endless = yield* over([...Array.from({ length: 40 }, () => refusal(503)), picture], {
        retryWithin: "1 hour"
      })
      yield* runToEnd(endless.get)
      for (const pause of pauses(endless.times)) assert.isAtMost(pause, 18_000)
    })
  )

  it.effect("a download is repeated for the time in retryWithin whatever the wall clock does", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      let shift = 0
      const wall = () => clock.unsafeCurrentTimeMillis() + shift
      const moved: Clock.Clock = {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: wall,
        unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
        currentTimeMillis: Effect.sync(wall),
        currentTimeNanos: clock.currentTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      }
      for (const hours of [2, -2]) {
        const { get, times } = yield* over([refusal(503), refusal(503), refusal(503), picture])
        shift = 0
        const setClock = Effect.sync(() => {
          shift = hours * 3_600_000
        })
        const later = Effect.zipRight(Effect.delay(setClock, "1 second"), Effect.never)
        yield* runToEnd(Effect.raceFirst(Effect.withClock(get, moved), later), "1 second")
        assert.lengthOf(times, 4)
      }
    })
  )

  for (const status of [400, 401, 403, 404, 410, 451]) {
    it.effect(`a download is not repeated after status ${status}`, () =>
      Effect.gen(function* () {
        const { get, times } = yield* over([refusal(status, "2")])
        yield* Effect.flip(get)
        assert.lengthOf(times, 1)
      })
    )
  }
})
