/** Transfers and awards: what is sent, and how often. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as Kudos from "effect-horde/Kudos"
import * as Retry from "effect-horde/Retry"
import * as SharedKeys from "effect-horde/SharedKeys"
import { type Answer, answering, endpoints, json, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

const booked = json(200, { transferred: 5 })

/** A server whose first replies are lost. */
const losing = (losses: number) => {
  const script = server((_, index): Answer => (index < losses ? { status: 504, body: "" } : booked))
  const layer = endpoints({}, Retry.layer()).pipe(Layer.provide(script.layer))
  const keys = () => script.sent.map(({ headers }) => headers["idempotency-key"])
  return { layer, keys, sent: script.sent }
}

const pay = Kudos.transfer({ username: "plain#2", amount: 5 })

const inBrowser = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")
      const value = { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" }
      Object.defineProperty(globalThis, "navigator", { value, configurable: true })
      return before
    }),
    () => effect,
    (before) =>
      Effect.sync(() => {
        if (before === undefined) Reflect.deleteProperty(globalThis, "navigator")
        else Object.defineProperty(globalThis, "navigator", before)
      })
  )

describe("Kudos.transfer", () => {
  it.effect("retries of a lost reply send the same key, and another call another one", () =>
    Effect.gen(function* () {
      const { keys, layer, sent } = losing(2)
      assert.deepStrictEqual(yield* runToEnd(Effect.provide(pay, layer)), { transferred: 5 })
      assert.deepStrictEqual(JSON.parse(sent[2]?.body ?? ""), { username: "plain#2", amount: 5 })
      const [key, ...others] = keys()
      assert.match(key ?? "", /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(others, [key, key])
      yield* runToEnd(Effect.provide(pay, layer))
      assert.notStrictEqual(keys()[3], key)
    })
  )

  it.effect("the key of the caller is sent, and one that is no header is refused", () =>
    Effect.gen(function* () {
      const { keys, layer } = losing(1)
      const payWith = (idempotencyKey: string) =>
        runToEnd(Effect.provide(Kudos.transfer({ username: "plain#2" }, { idempotencyKey }), layer))
      yield* payWith("invoice-17")
      assert.deepStrictEqual(keys(), ["invoice-17", "invoice-17"])
      for (const wrong of ["", "a b", "ä", "a\r\nx-a: b", "a".repeat(256)]) {
        const error = yield* Effect.flip(payWith(wrong))
        assert.strictEqual(error._tag, "InvalidRequest")
      }
      assert.lengthOf(keys(), 2)
    })
  )

  it.effect("a browser sends no key, and a lost reply is OutcomeUnknown", () =>
    Effect.gen(function* () {
      const { keys, layer } = losing(1)
      const error = yield* inBrowser(runToEnd(Effect.provide(Effect.flip(pay), layer)))
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.deepStrictEqual(keys(), [undefined])
    })
  )

  it.effect("an unreadable amount does not hide that the transfer was booked", () =>
    Effect.gen(function* () {
      const reply = yield* Effect.provide(pay, answering(json(200, { transferred: null })))
      assert.isNaN(reply.transferred)
    })
  )

  it.effect("the id of a shared key is sent in clear, and appears neither in errors nor in logs", () =>
    Effect.gen(function* () {
      const id = "2f1d5a52-6c3d-4a44-9a4b-3f0a8f6a2b11"
      const input = { username: SharedKeys.sharedKeyId(id), amount: 50 }
      const script = server(() => json(400, { message: `Shared key ${id} expired`, rc: "SharedKeyExpired" }))
      const error = yield* Effect.flip(Kudos.transfer(input)).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
      )
      assert.deepStrictEqual([error._tag, error.rc], ["BadRequest", "SharedKeyExpired"])
      assert.notInclude(JSON.stringify(error), id)
      assert.strictEqual(JSON.parse(script.sent[0]?.body ?? "").username, id)
      assert.notInclude(JSON.stringify(EndpointMetadata.logSafe(Kudos.Transfer, { payload: input })), id)
    })
  )

  it("the header is in the metadata", () => {
    assert.include(EndpointMetadata.headers(Kudos.Transfer), "idempotency-key")
    assert.notInclude(EndpointMetadata.headers(Kudos.Award), "idempotency-key")
  })
})

describe("Kudos.award", () => {
  it.effect("is never retried after a lost reply", () =>
    Effect.gen(function* () {
      const { keys, layer } = losing(1)
      const error = yield* runToEnd(Effect.provide(Effect.flip(Kudos.award({ username: "plain#2" })), layer))
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.deepStrictEqual(keys(), [undefined])
    })
  )
})
