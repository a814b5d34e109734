/** Which calls are repeated, when and how often; and the rate limit. All in virtual time. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { baseUrl } from "../support/stack.js"
import { rawSubmit, runToEnd, script, timed } from "../support/virtualTime.js"

interface Options {
  readonly retry?: Layer.Layer<Retry.Retry>
  readonly rateLimit?: Layer.Layer<RateLimit.RateLimit>
  readonly server?: HordeServer.Options
  /** The owner's by default, which the server trusts. */
  readonly apiKey?: string
}

/** Without a rate limit unless the test is about it: only the repeats are timed. */
const stack = ({
  apiKey = Accounts.ownerKey,
  rateLimit = RateLimit.layerNone,
  retry = Retry.layer(),
  server = {}
}: Options = {}) =>
  Layer.mergeAll(SharedKeys.layer, ImageGeneration.layer, Status.layer).pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl, apiKey: Redacted.make(apiKey) })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layer, retry, rateLimit]),
    Layer.provideMerge(HordeServer.layerClient({ seed: 1, ...server }))
  )

/** Runs an effect to its end in virtual time, and returns its result and its duration in milliseconds. */
const timedResult = <A, E, R>(effect: Effect.Effect<A, E, R>, step: Duration.DurationInput = "1 second") =>
  Effect.map(runToEnd(timed(Effect.either(effect)), step), ({ took, value }) => {
    const result: any = value
    return { result, tag: result._tag === "Left" ? result.left._tag : "a value", took }
  })

/** When each request arrived, in milliseconds since the first. */
const arrivals = Effect.gen(function* () {
  const horde = yield* HordeServer.HordeServer
  const all = yield* horde.exchanges
  return all.map(({ at }) => at - (all[0]?.at ?? 0))
})

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Faults.Response => ({
  status,
  headers,
  body: JSON.stringify(body),
  contentType: "application/json"
})

const limited = (seconds: string) => json(429, { message: "2 per 1 second" }, { "retry-after": seconds })

const key = SharedKeys.sharedKeyId("00000000-0000-4000-8000-000000000001")
const params = { id: Job.GenerationRequestId.make("00000000-0000-4000-8000-00000000000a") }
const check = Effect.flatMap(ImageGeneration.Check, (call) => call({ params }))
const submit = Effect.scoped(
  rawSubmit({ prompt: "a bay" }).pipe(
    Effect.tap(({ id }) => Effect.flatMap(FollowUp.FollowUp, (followUp) => followUp.detach("image", id)))
  )
)

const writes = { submit, create: SharedKeys.create({ kudos: 1 }) }
const reads = {
  heartbeat: Status.heartbeat,
  get: SharedKeys.get(key),
  modify: SharedKeys.modify(key, { kudos: 1 }),
  remove: SharedKeys.remove(key),
  check,
  status: Effect.flatMap(ImageGeneration.Status, (call) => call({ params })),
  cancel: Effect.flatMap(ImageGeneration.Cancel, (call) => call({ params })),
  price: ImageGeneration.price({ prompt: "a bay" })
}

/** The server caches its view of a job for a second, so that these are repeated later. */
const polls: ReadonlySet<string> = new Set(["check", "status"])

describe("the limiter's 429", () => {
  for (const [name, call] of Object.entries({ ...writes, ...reads })) {
    if (name === "heartbeat") continue
    it.effect(`${name} is repeated exactly after the wait of a 429`, () =>
      Effect.gen(function* () {
        yield* script(Faults.respond(limited("7"), { times: 1 }))
        const fiber = yield* Effect.fork(Effect.either<unknown, unknown, Effect.Effect.Context<typeof call>>(call))
        yield* TestClock.adjust("6999 millis")
        assert.deepStrictEqual(yield* arrivals, [0])
        yield* TestClock.adjust("1 millis")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual((yield* arrivals).slice(0, 2), [0, 7000])
      }).pipe(Effect.provide(stack()))
    )
  }

  it.effect("a 429 without a usable wait is repeated with growing pauses", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(json(429, { message: "slow down" }), { times: 3 }))
      assert.strictEqual((yield* timedResult(Effect.either(check))).tag, "a value")
      const at = yield* arrivals
      const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
      for (const [index, pause] of pauses.entries()) {
        assert.isAtLeast(pause, 500 * 2 ** index)
        assert.isAtMost(pause, 500 * 2 ** index * 1.2 + 1)
      }
      assert.strictEqual(pauses.length, 3)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a 429 with a wait of zero is repeated after a second", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(limited("0"), { times: 1 }))
      yield* timedResult(check)
      assert.deepStrictEqual(yield* arrivals, [0, 1000])
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a 429 with a wait beyond the bound fails at once", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(limited("121")))
      const { result, tag, took } = yield* timedResult(check)
      assert.deepStrictEqual([tag, took], ["RateLimited", 0])
      assert.deepStrictEqual(result.left.retryAfter, Duration.seconds(121))
      assert.deepStrictEqual(yield* arrivals, [0])
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a 429 that persists fails after a number of repeats", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(limited("2")))
      const { tag, took } = yield* timedResult(submit)
      assert.deepStrictEqual([tag, took], ["RateLimited", 10_000])
      assert.strictEqual((yield* arrivals).length, 6)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a 429 that persists fails after a time", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(limited("50")))
      const { tag, took } = yield* timedResult(submit, "1 second")
      assert.deepStrictEqual([tag, took], ["RateLimited", 100_000])
      assert.deepStrictEqual(yield* arrivals, [0, 50_000, 100_000])
    }).pipe(Effect.provide(stack()))
  )

  it.effect("TooManyPrompts with status 429 is never repeated", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(json(429, { message: "", rc: "TooManyPrompts" }, { "retry-after": "1" })))
      const { tag, took } = yield* timedResult(submit)
      assert.deepStrictEqual([tag, took], ["TooManyJobs", 0])
      assert.strictEqual((yield* arrivals).length, 1)
    }).pipe(Effect.provide(stack()))
  )
})

const failures = {
  "a 502": Faults.respond({ status: 502, body: "<h1>502</h1>" }, { times: 1 }),
  "a 503": Faults.respond(json(503, { message: "busy" }), { times: 1 }),
  "a 503 with a Retry-After": Faults.respond(json(503, { message: "busy" }, { "retry-after": "60" }), {
    times: 1
  }),
  "a 503 with the limiter's headers": Faults.respond(
    json(503, { message: "busy" }, { "retry-after": "60", "x-ratelimit-limit": "10" }),
    { times: 1 }
  ),
  "a 522 of Cloudflare": Faults.respond({ status: 522, body: "<h1>522</h1>" }, { times: 1 }),
  "a 403 page of a proxy": Faults.respond({ status: 403, body: "<h1>403</h1>" }, { times: 1 }),
  "a 400 page of a proxy": Faults.respond({ status: 400, body: "<h1>400</h1>" }, { times: 1 }),
  "a 200 page of a captive portal": Faults.respond({ status: 200, body: "<h1>Welcome</h1>" }, { times: 1 }),
  "an empty 500": Faults.respond({ status: 500, body: "" }, { times: 1 }),
  "a 504": Faults.respondAfter({ status: 504, body: "" }, { times: 1 }),
  "a reset before": Faults.reset("before", { times: 1 }),
  "a reset after": Faults.reset("after", { times: 1 }),
  "half a reply": Faults.truncate({ times: 1 }),
  "a reply that never comes": Faults.hang("before", { times: 1 }),
  "a reply that never ends": Faults.hang("before", { times: 1, sends: "half" })
}

describe("transport and gateway failures", () => {
  for (const [failure, rule] of Object.entries(failures)) {
    it.effect(`calls that are safe to repeat are repeated after ${failure}`, () =>
      Effect.gen(function* () {
        const horde = yield* HordeServer.HordeServer
        yield* Status.heartbeat // a call to an address that returned nothing but pages is not repeated
        for (const [name, call] of Object.entries(reads)) {
          yield* horde.faults.clear
          yield* horde.faults.script(rule)
          const before = (yield* arrivals).length
          const { tag } = yield* timedResult(
            Effect.either<unknown, unknown, Effect.Effect.Context<typeof call>>(call),
            "10 seconds"
          )
          assert.strictEqual(tag, "a value", name)
          const at = (yield* arrivals).slice(before)
          assert.strictEqual(at.length, 2, name)
          const pause = (at[1] ?? 0) - (at[0] ?? 0) - (failure.includes("never") ? 30_000 : 0)
          const asked = failure === "a 503 with a Retry-After" ? 60_000 : 0
          const [least, most] = asked > 0 ? [asked, asked] : polls.has(name) ? [1000, 1000] : [500, 650]
          assert.isTrue(pause >= least && pause <= most, `${name}: ${pause}`)
        }
      }).pipe(Effect.provide(stack()))
    )

    it.effect(`calls that create something are not repeated after ${failure}`, () =>
      Effect.gen(function* () {
        const horde = yield* HordeServer.HordeServer
        for (const [name, call] of Object.entries(writes)) {
          yield* horde.faults.clear
          yield* horde.faults.script(rule)
          const before = (yield* arrivals).length
          const { tag } = yield* timedResult(
            Effect.asVoid<unknown, unknown, Effect.Effect.Context<typeof call>>(call),
            "10 seconds"
          )
          const outcome = failure.startsWith("a 503") ? "ServerError" : "OutcomeUnknown"
          assert.strictEqual(tag, outcome, name)
          assert.strictEqual((yield* arrivals).length - before, 1, name)
        }
      }).pipe(Effect.provide(stack()))
    )
  }

  it.effect("a call to an address that returned nothing but pages fails at once", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond({ status: 404, body: "<h1>404</h1>" }))
      const { result, took } = yield* timedResult(SharedKeys.get(key))
      assert.deepStrictEqual([result.left._tag, result.left.isRetryable, took], ["UnexpectedResponse", true, 0])
      assert.include(result.left.message, "base URL")
      assert.lengthOf(yield* arrivals, 1)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a page that persists fails after the repeats and is no refusal", () =>
    Effect.gen(function* () {
      yield* Status.heartbeat
      yield* script(Faults.respond({ status: 403, body: "<h1>403</h1>" }))
      const { result } = yield* timedResult(SharedKeys.get(key))
      assert.deepStrictEqual([result.left._tag, result.left.isRetryable], ["UnexpectedResponse", true])
      assert.include(result.left.message, "base URL")
      assert.lengthOf(yield* arrivals, 7)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a call that was never sent fails with TransportError, and is not repeated if it creates something", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse({ times: 1 }))
      const { result, tag } = yield* timedResult(SharedKeys.create())
      assert.strictEqual(tag, "TransportError")
      assert.strictEqual(result.left.reason, "NotSent")
      yield* script(Faults.refuse({ times: 1 }))
      assert.strictEqual((yield* timedResult(Status.heartbeat)).tag, "a value")
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a submit with its id in the rest of a broken reply succeeds", () =>
    Effect.gen(function* () {
      const id = "00000000-0000-4000-8000-00000000000d"
      for (const body of [`{"kudos": 3, "id": "${id}", "mess`, `<p>{"id":"${id}"}</p>`]) {
        yield* script(Faults.respond({ status: 202, body }, { method: "POST", times: 1 }))
        assert.strictEqual((yield* timedResult(submit)).result.right.id, id)
      }
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a submit with its id before the connection broke or stalled succeeds", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const match = { method: "POST", times: 1 }
      for (const rule of [Faults.truncate(match), Faults.hang("after", { ...match, sends: "half" })]) {
        yield* script(rule)
        const { result } = yield* timedResult(submit, "10 seconds")
        assert.strictEqual(result.right.id, (yield* horde.jobs).at(-1)?.id)
      }
      assert.strictEqual((yield* horde.jobs).length, 2)
      // without online workers the reply has a warning, so that its first half contains the whole id
    }).pipe(Effect.provide(stack({ server: { worker: { online: false } } })))
  )

  it.effect("refusals are not repeated", () =>
    Effect.gen(function* () {
      for (const status of [400, 401, 403, 404, 405, 500]) {
        const horde = yield* HordeServer.HordeServer
        yield* horde.faults.clear
        yield* horde.faults.script(Faults.respond(json(status, { message: "no" }, { "retry-after": "1" })))
        const before = (yield* arrivals).length
        const { took } = yield* timedResult(check)
        assert.deepStrictEqual([(yield* arrivals).length - before, took], [1, 0])
      }
    }).pipe(Effect.provide(stack()))
  )

  it.effect("repeats wait for doubling pauses plus up to a fifth, and end after five", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond({ status: 502 }))
      assert.strictEqual((yield* timedResult(Status.heartbeat)).tag, "ServerError")
      const at = yield* arrivals
      assert.strictEqual(at.length, 6)
      for (const [index, time] of at.slice(1).entries()) {
        const pause = time - (at[index] ?? 0)
        assert.isTrue(pause >= 500 * 2 ** index && pause <= 600 * 2 ** index + 10, `${index}: ${pause}`)
      }
    }).pipe(Effect.provide(stack()))
  )

  it.effect("options limit the number of repeats", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond({ status: 502 }))
      yield* timedResult(check)
      assert.strictEqual((yield* arrivals).length, 3)
    }).pipe(Effect.provide(stack({ retry: Retry.layer({ times: 2, pause: "1 second" }) })))
  )

  it.effect("options limit the time of repeats", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond({ status: 502 }))
      const { took } = yield* timedResult(check)
      assert.isAtMost(took, 3000)
      assert.strictEqual((yield* arrivals).length, 2)
    }).pipe(Effect.provide(stack({ retry: Retry.layer({ times: 50, pause: "2 seconds", within: "3 seconds" }) })))
  )

  it.effect("no call is repeated without Retry.layer", () =>
    Effect.gen(function* () {
      yield* script(Faults.respond(limited("1"), { times: 1 }), Faults.reset("before", { times: 1 }))
      assert.deepStrictEqual(
        [(yield* timedResult(check)).tag, (yield* timedResult(check)).tag],
        ["RateLimited", "TransportError"]
      )
      assert.strictEqual((yield* arrivals).length, 2)
    }).pipe(Effect.provide(stack({ retry: Retry.layerNone })))
  )
})

const together = <A, E, R>(count: number, call: Effect.Effect<A, E, R>) =>
  Effect.all(
    Array.from({ length: count }, () => Effect.either(call)),
    { concurrency: "unbounded" }
  )

describe("rate limits", () => {
  const taken = { rateLimit: RateLimit.layer, retry: Retry.layerNone }

  it.effect("ten checks of one job are sent each second, and the server refuses none", () =>
    Effect.gen(function* () {
      const { took } = yield* timedResult(together(25, check))
      assert.strictEqual(took, 2000)
      const seconds = (yield* arrivals).map((at) => Math.floor(at / 1000))
      assert.deepStrictEqual(
        [0, 1, 2].map((second) => seconds.filter((at) => at === second).length),
        [10, 10, 5]
      )
      const horde = yield* HordeServer.HordeServer
      assert.isEmpty((yield* horde.exchanges).filter(({ status }) => status === 429))
    }).pipe(Effect.provide(stack(taken)))
  )

  it.effect("checks are counted separately for each job and each method", () =>
    Effect.gen(function* () {
      const other = { id: Job.GenerationRequestId.make("00000000-0000-4000-8000-00000000000c") }
      const calls = together(
        10,
        Effect.flatMap(ImageGeneration.Check, (call) => call({ params: other }))
      )
      const first = timed(Effect.either(Effect.all([together(10, check), calls, together(10, reads.status)])))
      const both = Effect.all([first, timed(Effect.either(reads.status))])
      const took = (yield* runToEnd(both, "1 minute")).map(({ took }) => took)
      assert.deepStrictEqual(took, [0, 60_000])
    }).pipe(Effect.provide(stack(taken)))
  )

  it.effect("two submits are sent each second, prices included", () =>
    Effect.gen(function* () {
      const { took } = yield* timedResult(
        Effect.all([together(3, submit), together(3, reads.price)], { concurrency: 2 })
      )
      assert.strictEqual(took, 2000)
      const horde = yield* HordeServer.HordeServer
      assert.isEmpty((yield* horde.exchanges).filter(({ status }) => status === 429))
    }).pipe(Effect.provide(stack({ ...taken, apiKey: Accounts.plainKey })))
  )

  it.effect("calls of all shared keys and methods share a window", () =>
    Effect.gen(function* () {
      const any = (index: number) => SharedKeys.get(SharedKeys.sharedKeyId(`key-${index}`))
      const calls = Effect.all(
        Array.from({ length: 90 }, (_, index) => Effect.either(any(index))),
        { concurrency: "unbounded" }
      )
      const both = Effect.all([timed(calls), timed(Effect.either(SharedKeys.remove(key)))])
      const took = (yield* runToEnd(both, "1 minute")).map(({ took }) => took)
      assert.deepStrictEqual(took, [0, 60_000])
    }).pipe(Effect.provide(stack(taken)))
  )

  it.effect("a window begins with the first request that is sent, not with one that was interrupted", () =>
    Effect.gen(function* () {
      const as = (apiKey: string) => submit.pipe(HordeClient.withApiKey(Redacted.make(apiKey)), Effect.either)
      const one = as(Accounts.workerKey)
      const other = as(Accounts.plainKey)
      yield* Effect.all([one, one])
      yield* TestClock.adjust("500 millis")
      const waiting = yield* Effect.fork(other)
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(waiting)
      yield* TestClock.adjust("400 millis")
      yield* one
      yield* TestClock.adjust("400 millis")
      yield* other
      yield* TestClock.adjust("600 millis")
      yield* timedResult(Effect.all([other, other]))
      const horde = yield* HordeServer.HordeServer
      const all = yield* horde.exchanges
      assert.strictEqual(all.length, 6)
      assert.isEmpty(all.filter(({ status }) => status === 429))
    }).pipe(Effect.provide(stack(taken)))
  )

  it.effect("an exempt endpoint is not delayed", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* timedResult(together(200, Status.heartbeat))).took, 0)
    }).pipe(Effect.provide(stack(taken)))
  )

  it.effect("no call is delayed without RateLimit.layer", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* timedResult(together(12, check))).took, 0)
      const horde = yield* HordeServer.HordeServer
      assert.strictEqual((yield* horde.exchanges).filter(({ status }) => status === 429).length, 2)
    }).pipe(Effect.provide(stack({ ...taken, rateLimit: RateLimit.layerNone })))
  )

  it.effect("each attempt counts in the window, repeats too", () =>
    Effect.gen(function* () {
      const calls = together(11, check)
      yield* script(Faults.respond({ status: 502 }, { times: 11 }))
      yield* timedResult(calls)
      // 22 requests, ten a second
      const at = yield* arrivals
      assert.strictEqual(at.length, 22)
      assert.strictEqual(at.filter((time) => time < 1000).length, 10)
      assert.strictEqual(at.filter((time) => time < 2000).length, 20)
    }).pipe(Effect.provide(stack({ rateLimit: RateLimit.layer })))
  )

  it.effect("interrupted calls do not count in the window", () =>
    Effect.gen(function* () {
      yield* together(10, check)
      const impatient = yield* Effect.fork(together(10, check))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(impatient)
      yield* TestClock.adjust("500 millis")
      assert.strictEqual((yield* timedResult(together(10, check))).took, 0)
    }).pipe(Effect.provide(stack(taken)))
  )
})
