/** The rate limit: the server's windows, its headers, its quota of jobs and its time-outs of addresses. */

import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Clock, Duration, Effect, Either, Layer, Redacted } from "effect"
import { type Endpoint, Horde, HordeClient, HordeError, ImageGeneration, RateLimit } from "effect-horde"
import { rawSubmit, runToEnd, timed } from "../support/virtualTime.js"

const stack = (apiKey: string, options: HordeServer.Options = {}) =>
  Horde.layer({ baseUrl: "http://127.0.0.1/api", apiKey: Redacted.make(apiKey) }).pipe(
    Layer.provideMerge(
      HordeServer.layerClient({ worker: { takes: "100 millis", startsAfter: "10 millis" }, ...options })
    )
  )

/** Runs an effect to its end in virtual time, and returns its duration. */
const timedRun = <A, E, R>(effect: Effect.Effect<A, E, R>) => runToEnd(timed(effect), "500 millis")

const limited = Effect.gen(function* () {
  const server = yield* HordeServer.HordeServer
  return (yield* server.exchanges).filter(({ status }) => status === 429)
})

const submit = (prompt: string) => rawSubmit({ prompt })

describe("RateLimit", () => {
  it.effect("200 submits are never refused by the server's limiter and take as long as its windows require", () =>
    Effect.gen(function* () {
      const prompts = Array.from({ length: 200 }, (_, index) => `picture ${index}`)
      const { took } = yield* timedRun(Effect.scoped(Effect.forEach(prompts, submit, { concurrency: 16 })))
      // 90 in the first minute, 90 in the second, 20 at 2 a second
      assert.isAtMost(took, 130_000)
      assert.isAtLeast(took, 129_000)
      assert.deepStrictEqual(yield* limited, [])
    }).pipe(Effect.provide(stack(Accounts.plainKey)))
  )

  it.effect("submits of a trusted account use its higher limits", () =>
    Effect.gen(function* () {
      const prompts = Array.from({ length: 200 }, (_, index) => `picture ${index}`)
      const { took } = yield* timedRun(Effect.scoped(Effect.forEach(prompts, submit, { concurrency: 16 })))
      assert.isAtMost(took, 25_000)
      assert.deepStrictEqual(yield* limited, [])
    }).pipe(Effect.provide(stack(Accounts.ownerKey)))
  )

  it.effect("a refusal by the minute's window does not change the second's window", () =>
    Effect.gen(function* () {
      const limit = RateLimit.make()
      const call: Endpoint.PreparedCall = {
        name: "ImageGeneration/Price",
        declaration: ImageGeneration.Price.declaration,
        path: "/v2/generate/async",
        payload: undefined,
        body: undefined,
        results: 0,
        secrets: () => []
      }
      const headers = { "retry-after": "30", "x-ratelimit-limit": "90", "x-ratelimit-remaining": "0" }
      const sent: Array<number> = []
      const answer = (status: number, headers: { readonly [name: string]: string }) =>
        Effect.map(Clock.currentTimeMillis, (at) => {
          sent.push(at)
          return { reply: { status, headers, body: "", json: undefined, isWhole: true }, error: undefined }
        })
      const limited = (attempt: ReturnType<typeof answer>) => limit.limited(attempt, call, HordeClient.anonymous)
      yield* timedRun(
        Effect.zipRight(
          limited(answer(429, headers)),
          Effect.forEach([1, 2], () => limited(answer(200, {})))
        )
      )
      assert.deepStrictEqual(sent, [0, 0, 1000])
    })
  )

  it.effect("submits of another program on the same address are taken into account", () =>
    Effect.gen(function* () {
      const account = (apiKey: string) =>
        Layer.build(Horde.layer({ baseUrl: "http://127.0.0.1/api", apiKey: Redacted.make(apiKey) }))
      const [one, other] = [yield* account(Accounts.plainKey), yield* account(Accounts.workerKey)]
      const draw = Effect.forEach(Array.from({ length: 20 }, String), submit)
      yield* timedRun(
        Effect.all([Effect.provide(draw, one), Effect.provide(draw, other)], { concurrency: "unbounded" }).pipe(
          Effect.scoped
        )
      )
      // each of them alone would send two a second, and every second one would be refused
      assert.isAtMost((yield* limited).length, 20)
      assert.lengthOf(yield* (yield* HordeServer.HordeServer).jobs, 40)
    }).pipe(Effect.scoped, Effect.provide(HordeServer.layerClient({ worker: { takes: "100 millis" } })))
  )

  it.effect("submits wait while the account's quota is full and continue as its jobs finish", () =>
    Effect.gen(function* () {
      const jobs = Array.from({ length: 12 }, (_, index) => `four of ${index}`)
      const draw = (prompt: string) => ImageGeneration.generate({ prompt, params: { n: 4, width: 64, height: 64 } })
      const { value } = yield* timedRun(Effect.forEach(jobs, draw, { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        value.map((pictures) => pictures.length),
        jobs.map(() => 4)
      )
      const refused = (yield* limited).length
      assert.isAtLeast(refused, 1, "the account was never full: this test shows nothing")
      assert.isAtMost(refused, 12)
    }).pipe(Effect.provide(stack(Accounts.plainKey, { worker: { takes: "1 second" } })))
  )

  it.effect("a submit fails at once if other programs fill the account's quota", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(
        Faults.respond(
          { status: 429, body: JSON.stringify({ message: "full", rc: "TooManyPrompts" }) },
          { method: "POST" }
        )
      )
      const { took, value } = yield* timedRun(Effect.either(Effect.scoped(submit("one"))))
      assert.isTrue(Either.isLeft(value) && value.left instanceof HordeError.TooManyJobs)
      assert.isAtMost(took, 500)
    }).pipe(Effect.provide(stack(Accounts.plainKey)))
  )

  it.effect("jobs without polls do not delay submits for ever", () =>
    Effect.gen(function* () {
      const batch = (prompt: string) => rawSubmit({ prompt, params: { n: 10 } })
      const prompts = ["one", "two", "three", "four", "five", "six"]
      const { took } = yield* timedRun(Effect.scoped(Effect.forEach(prompts, batch)))
      assert.isAtMost(took, 60_000)
    }).pipe(Effect.provide(stack(Accounts.plainKey, { worker: { takes: "500 millis" } })))
  )

  it.effect("submits of an address in time-out wait as long as the server says", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const message = "your address is in time-out for 37 more seconds"
      yield* server.faults.script(
        Faults.respond(
          { status: 403, body: JSON.stringify({ message, rc: "TimeoutIP" }) },
          { method: "POST", times: 1 }
        )
      )
      const { value } = yield* timedRun(Effect.either(Effect.scoped(submit("one"))))
      assert.isTrue(Either.isLeft(value) && value.left._tag === "Forbidden")
      const { took } = yield* timedRun(Effect.scoped(submit("two")))
      assert.isAtLeast(took, Duration.toMillis("36 seconds"))
      assert.isAtMost(took, Duration.toMillis("38 seconds"))
    }).pipe(Effect.provide(stack(Accounts.plainKey)))
  )
})
