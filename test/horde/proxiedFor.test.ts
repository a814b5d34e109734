/** Service accounts: which calls name the user, and what of that becomes known. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Endpoint from "effect-horde/Endpoint"
import * as HordeClient from "effect-horde/HordeClient"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as RateLimit from "effect-horde/RateLimit"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import { type Answer, endpoints, json, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

const ip = "203.0.113.77"
const passkey = Redacted.make("s3cr3t-passkey-0")
const forUser = HordeClient.withProxiedFor({ ip, passkey })

const scripted = (answer: Answer) => {
  const script = server(() => answer)
  return { sent: script.sent, layer: endpoints().pipe(Layer.provide(script.layer)) }
}

describe("HordeClient.withProxiedFor", () => {
  it.effect("requests for images, texts and prices name the user, other calls do not", () =>
    Effect.gen(function* () {
      const { layer, sent } = scripted(json(200, { kudos: 1, username: "a#1", id: 1 }))
      const input = { prompt: "a bay" }
      yield* Effect.all([
        ImageGeneration.price(input),
        TextGeneration.price(input),
        Effect.exit(Effect.scoped(Effect.flatMap(ImageGeneration.Submit, (call) => call({ payload: input })))),
        Effect.exit(Effect.scoped(Effect.flatMap(TextGeneration.Submit, (call) => call({ payload: input })))),
        Users.me
      ]).pipe(forUser, Effect.provide(layer))
      const named = sent.map(({ headers }) => [headers["proxied-for"], headers["proxy-authorization"]])
      const both = [ip, Redacted.value(passkey)]
      assert.deepStrictEqual(named, [both, both, both, both, [undefined, undefined]])
      yield* Effect.provide(ImageGeneration.price(input), layer)
      assert.isUndefined(sent.at(-1)?.headers["proxied-for"])
    })
  )

  it.effect("the address and the passkey are masked in the server's messages", () =>
    Effect.gen(function* () {
      const { layer } = scripted(json(403, { message: `${ip} with s3cr3t-passkey-0 is blocked`, rc: "TimeoutIP" }))
      const error = yield* Effect.flip(ImageGeneration.price({ prompt: "a bay" })).pipe(forUser, Effect.provide(layer))
      assert.strictEqual(error._tag, "Forbidden")
      assert.include(error.message, "is blocked")
      assert.notMatch(JSON.stringify(error), /203\.0\.113|s3cr3t/)
    })
  )

  it.effect("an invalid address or passkey is refused, and neither is quoted", () =>
    Effect.gen(function* () {
      const { layer, sent } = scripted(json(200, { kudos: 1 }))
      const wrong = [
        { ip: "not an address", passkey },
        { ip: "", passkey },
        { ip: "1.2.3.4\r\nx: y", passkey },
        { ip, passkey: Redacted.make("") },
        { ip, passkey: Redacted.make("über") }
      ]
      for (const user of wrong) {
        const error = yield* Effect.flip(ImageGeneration.price({ prompt: "a bay" })).pipe(
          HordeClient.withProxiedFor(user),
          Effect.provide(layer)
        )
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.notMatch(JSON.stringify(error), /not an address|1\.2\.3|über/)
      }
      assert.lengthOf(sent, 0)
    })
  )

  it.effect("users have their own windows and their own blocks", () =>
    Effect.gen(function* () {
      const limit = RateLimit.make()
      const callFor = (user: string): Endpoint.PreparedCall => ({
        name: "Test/Call",
        declaration: {
          ...ImageGeneration.Price.declaration,
          limits: [{ max: 1, per: "1 minute", key: "path" }]
        },
        path: "/v2/generate/async",
        payload: undefined,
        body: undefined,
        results: 0,
        headers: { "proxied-for": user },
        secrets: () => []
      })
      const blocked = new HordeError.Forbidden({
        method: "POST",
        path: "/v2/generate/async",
        message: "",
        status: 403,
        rc: "TimeoutIP",
        retryAfter: Duration.hours(1)
      })
      const sent: Array<readonly [string, number]> = []
      const send = (user: string, error?: HordeError.CallError) => {
        const reply = { status: 200, headers: {}, body: "", json: undefined, isWhole: true }
        const attempt = Effect.map(Clock.currentTimeMillis, (at) => {
          sent.push([user, at])
          return { reply, error }
        })
        return limit.limited(attempt, callFor(user), HordeClient.anonymous)
      }
      yield* runToEnd(Effect.all([send("a"), send("b"), send("a")]))
      assert.deepStrictEqual(sent, [
        ["a", 0],
        ["b", 0],
        ["a", 60_000]
      ])
      yield* runToEnd(send("c", blocked))
      // the block of one user delays no other
      yield* runToEnd(send("d"))
      assert.strictEqual(sent.at(-1)?.[0], "d")
      const error = yield* Effect.flip(send("c"))
      assert.strictEqual(error._tag, "RateLimited")
    })
  )
})
