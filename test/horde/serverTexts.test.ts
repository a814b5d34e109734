/** Dates and times in the server's texts: decoded if valid, and harmless otherwise. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, FastCheck, Schema } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import {
  limiterWindow,
  retryAfter,
  secondsNamed,
  windowNamed
} from "../../packages/horde/src/internal/limits/limiterMessage.js"
import { parseDate } from "../../packages/horde/src/internal/schema/timestamp.js"
import { answering, json } from "../support/scripted.js"
import { sharedKeyDetails as details } from "../support/sharedKeyDetails.js"

const keyWith = (expiry: unknown) =>
  SharedKeys.get(SharedKeys.sharedKeyId(details.id)).pipe(Effect.provide(answering(json(200, { ...details, expiry }))))

const noDates: ReadonlyArray<string> = [
  ...["", " ", "never", "None", "null", "soon", "0", "-1", "5", "2026", "tomorrow", "in 5 days", "12/25/2026"],
  ...["2026-11-25T03:34:28 or later", "Wed, 25 Nov 26 03:34:28 -0000", "Wed, 31 Feb 2026 03:34:28 -0000"],
  ...["2026-02-31", "2026-13-01", "2026-11-25T24:00:00", "2026-11-25T03:60:00", "2026-11-25T03:34:60"],
  ...["2026-11-25T03:34:28+24:00", "2026-11-25T03:34:28+01:60", "Wed, 25 Foo 2026 03:34:28 GMT"],
  ...["Foo, 25 Nov 2026 03:34:28 GMT", "Wed, 25 Nov 2026", "2026-11-25T", "20261125", "1795577668"],
  ...["Wed, 25 Nov 2026 03:34:28 CET", ":".repeat(60_000), "9".repeat(60_000), `2026-11-25${" ".repeat(60_000)}!`]
]

describe("expiries that are no dates", () => {
  for (const expiry of noDates) {
    it.effect(`an invalid expiry is absent and kept as text: ${JSON.stringify(expiry.slice(0, 40))}`, () =>
      Effect.gen(function* () {
        const key = yield* keyWith(expiry)
        assert.notProperty(key, "expiry")
        assert.strictEqual(key.expiry_unreadable, expiry)
      })
    )
  }

  it.effect("an expiry that is no text is absent and described by its type", () =>
    Effect.gen(function* () {
      for (const [expiry, said] of [
        [5, "(number)"],
        [true, "(boolean)"],
        [{ toString: null }, "(object)"]
      ] as const) {
        const key = yield* keyWith(expiry)
        assert.notProperty(key, "expiry")
        assert.strictEqual(key.expiry_unreadable, said)
      }
    })
  )

  it.effect("a shared key without an expiry never expires", () =>
    Effect.gen(function* () {
      for (const expiry of [null, undefined]) {
        assert.doesNotHaveAnyKeys(yield* keyWith(expiry), ["expiry", "expiry_unreadable"])
      }
      assert.doesNotHaveAnyKeys(yield* keyWith("2026-11-25"), ["expiry_unreadable"])
    })
  )

  it("an expiry is encoded as it was decoded", () => {
    for (const sent of [{ ...details, expiry: "never" }, { ...details, expiry: "2026-11-25T03:34:28.000Z" }, details]) {
      const key = Schema.decodeUnknownSync(SharedKeys.SharedKeyDetails)(sent)
      assert.deepStrictEqual(Schema.encodeSync(SharedKeys.SharedKeyDetails)(key), sent)
    }
  })
})

describe("other dates that are invalid", () => {
  it.effect("an invalid date of an account is absent, and the reply decodes", () =>
    Effect.gen(function* () {
      for (const last_received of [...noDates, 5, null, {}]) {
        const body = { username: "a#2", id: 2, kudos: 1, monthly_kudos: { amount: 7, last_received } }
        const { monthly_kudos } = yield* Users.get(2).pipe(Effect.provide(answering(json(200, body))))
        assert.deepStrictEqual(monthly_kudos, { amount: 7 })
      }
    })
  )
})

describe("valid dates", () => {
  const at = "2026-11-25T03:34:28.000Z"
  const forms: ReadonlyArray<readonly [string, string]> = [
    ["Wed, 25 Nov 2026 03:34:28 -0000", at],
    ["wed, 25 nov 2026 03:34:28 gmt", at],
    ["25 Nov 2026 03:34:28 +0000", at],
    ["Wed, 25 Nov 2026 03:34:28", at],
    ["Wed, 25 Nov 2026 05:04:28 +0130", at],
    ["Tue, 24 Nov 2026 22:34:28 -0500", at],
    ["Wed, 5 Nov 2026 03:34 UT", "2026-11-05T03:34:00.000Z"],
    ["2026-11-25T03:34:28Z", at],
    ["2026-11-25T03:34:28", at],
    ["2026-11-25 03:34:28", at],
    [" 2026-11-25t03:34:28z ", at],
    ["2026-11-25T03:34:28.123456", "2026-11-25T03:34:28.123Z"],
    ["2026-11-25T03:34:28.5+00:00", "2026-11-25T03:34:28.500Z"],
    ["2026-11-25T05:04:28+01:30", at],
    ["2026-11-24T22:34:28-05", at],
    ["2026-11-25T03:34", "2026-11-25T03:34:00.000Z"],
    ["2026-11-25", "2026-11-25T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"]
  ]
  for (const [text, iso] of forms) {
    it(`a date is decoded: ${text}`, () => {
      const date = parseDate(text)
      assert.strictEqual(date && DateTime.formatIso(date), iso)
    })
  }

  it("a date is decoded for each month and each day of the week", () => {
    for (let day = 0; day < 400; day++) {
      const date = DateTime.unsafeMake(1_700_000_000_000 + day * 86_400_000)
      const text = DateTime.toDateUtc(date).toUTCString()
      assert.strictEqual(DateTime.toEpochMillis(parseDate(text) ?? DateTime.unsafeMake(0)), date.epochMillis, text)
    }
  })
})

describe("messages of the limiter", () => {
  const refusal = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
    Effect.flip(ImageGeneration.submit({ prompt: "a lighthouse" })).pipe(
      Effect.scoped,
      Effect.provide(answering(json(status, body, headers)))
    )

  it.effect("a message of 60,000 digits is parsed quickly", () =>
    Effect.gen(function* () {
      const digits = "7".repeat(60_000)
      const blocked = yield* refusal(403, { message: digits, rc: "TimeoutIP" })
      assert.strictEqual(blocked._tag, "Forbidden")
      assert.isUndefined(blocked.retryAfter)
      const limited = yield* refusal(429, { message: `${digits} per ${digits} second` })
      assert.strictEqual(limited._tag, "RateLimited")
      assert.isUndefined(limited.retryAfter)
      const asked = yield* refusal(429, { message: "2 per 1 second" }, { "retry-after": digits })
      assert.deepStrictEqual(asked.retryAfter, Duration.seconds(999_999_999))
    })
  )

  it("a message names seconds", () => {
    for (const [message, seconds] of [
      ["Please try again in 120 more seconds", 120],
      ["1 sec", 1],
      ["0 MORE SECONDS", 0],
      ["error 5: wait 30.123456789012 seconds", 30],
      ["12345678901 seconds or 7 seconds", 7],
      ["9999999999 seconds", undefined],
      ["a while", undefined],
      [undefined, undefined]
    ] as const) {
      assert.deepStrictEqual(secondsNamed(message), seconds === undefined ? undefined : Duration.seconds(seconds))
    }
  })

  it("a message names a window", () => {
    for (const [message, max, per] of [
      ["2 per 1 second", 2, 1000],
      ["90 per 1 minute", 90, 60_000],
      ["20 per 2 hour", 20, 7_200_000],
      ["5 per 1 day", 5, 86_400_000]
    ] as const) {
      assert.deepStrictEqual(limiterWindow(message), { max, per })
      assert.deepStrictEqual(windowNamed(message), Duration.millis(per))
    }
    for (const message of [
      "",
      "slow down",
      "2 per second",
      "1234567890 per 1 second",
      "2 per 12345 second",
      undefined
    ]) {
      assert.isUndefined(limiterWindow(message))
      assert.isUndefined(windowNamed(message))
    }
  })

  it("a message never has an infinite time, whatever the text", () => {
    const words = FastCheck.oneof(
      FastCheck.string({ maxLength: 30 }),
      FastCheck.constantFrom(
        "9".repeat(400),
        "1e999",
        "-0",
        " sec",
        " per ",
        " second",
        "more ",
        ".",
        "Infinity",
        "0x10"
      )
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(words, { maxLength: 6 }), (parts) => {
        const text = parts.join("")
        for (const found of [retryAfter(text, 0), secondsNamed(text), windowNamed(text)]) {
          const millis = found === undefined ? 0 : Duration.toMillis(found)
          assert.isTrue(Number.isFinite(millis) && millis >= 0, text)
        }
        parseDate(text)
      })
    )
  })
})
