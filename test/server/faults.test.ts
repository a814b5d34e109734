import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { script } from "../support/virtualTime.js"
import { call, check, status, submit, theJob } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

const codeOf = <A, E>(result: Either.Either<A, E>): unknown =>
  Either.match(result, {
    onLeft: (error) => (error as { readonly cause?: { readonly code?: string } }).cause?.code,
    onRight: () => undefined
  })

const jobCount = Effect.flatMap(HordeServer.HordeServer, (server) => Effect.map(server.jobs, (jobs) => jobs.length))

const path = "/v2/generate/async"

describe("faults of requests", () => {
  it.effect("a fault applies before or after the request is carried out", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* script(
        Faults.refuse({ times: 1 }),
        Faults.reset("before", { times: 1 }),
        Faults.reset("after", { times: 1 })
      )
      assert.strictEqual(codeOf(yield* Effect.either(submit("one"))), "ECONNREFUSED")
      assert.strictEqual((yield* server.exchanges).length, 0)
      assert.strictEqual(codeOf(yield* Effect.either(submit("two"))), "ECONNRESET")
      assert.strictEqual(yield* jobCount, 0)
      assert.strictEqual(codeOf(yield* Effect.either(submit("three"))), "ECONNRESET")
      assert.strictEqual(yield* jobCount, 1)
      yield* submit("four")
      const seen = (yield* server.exchanges).map(({ delivered, requestId, status }) => [
        delivered,
        status,
        requestId !== undefined
      ])
      assert.deepStrictEqual(seen, [
        ["reset", undefined, false],
        ["reset", 202, true],
        ["whole", 202, true]
      ])
    }).pipe(embedded())
  )

  it.effect("a fault replaces the reply", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.respond({ status: 503, body: "<h1>busy</h1>" }, { path, times: 1 }),
        Faults.respondAfter({ status: 504, body: "<h1>late</h1>" }, { path, times: 1 }),
        Faults.redirect("https://example.invalid/", {
          method: "GET",
          where: (request) => request.path.endsWith("here")
        })
      )
      const body = { prompt: "a bay" }
      const busy = yield* call("POST", path, { key: Accounts.plainKey, body })
      assert.deepInclude(busy, { status: 503, text: "<h1>busy</h1>" })
      assert.strictEqual(yield* jobCount, 0)
      assert.strictEqual((yield* call("POST", path, { key: Accounts.plainKey, body })).status, 504)
      assert.strictEqual(yield* jobCount, 1)
      const moved = yield* call("GET", "/v2/here")
      assert.deepInclude(moved, { status: 302 })
      assert.strictEqual(moved.headers["location"], "https://example.invalid/")
    }).pipe(embedded())
  )

  it.effect("a fault truncates the reply", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* script(Faults.truncate({ path: "/v2/status/heartbeat" }))
      const response = yield* HttpClient.get(`${server.url}/v2/status/heartbeat`)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(response.json)))
      const chunks: Array<string> = []
      const exit = yield* response.stream.pipe(
        Stream.runForEach((bytes) => Effect.sync(() => chunks.push(new TextDecoder().decode(bytes)))),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.match(chunks.join(""), /^\{"message":"OK"/)
      assert.throws(() => JSON.parse(chunks.join("")))
    }).pipe(embedded())
  )

  it.effect("a fault hangs for ever, and the request can be interrupted", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* script(Faults.hang("after", { path, times: 1 }), Faults.hang("before", { path, times: 1 }))
      assert.isTrue(Option.isNone(yield* patient(submit("one"))))
      assert.strictEqual(yield* jobCount, 1)
      assert.isTrue(Option.isNone(yield* patient(submit("two"))))
      assert.strictEqual(yield* jobCount, 1)
      yield* script(Faults.hang("after", { path: "/v2/status/heartbeat", sends: "half" }))
      const response = yield* HttpClient.get(`${server.url}/v2/status/heartbeat`)
      assert.strictEqual(response.status, 200)
      assert.isTrue(Option.isNone(yield* patient(response.text)))
      const first = yield* response.stream.pipe(Stream.take(1), Stream.runCollect)
      assert.isAbove(Chunk.unsafeHead(first).length, 10)
      assert.isTrue((yield* server.exchanges).every(({ delivered }) => delivered === "hanging"))
    }).pipe(embedded())
  )

  it.effect("a delayed request is carried out even if its caller is gone", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("2 seconds", { path }), Faults.latency("1 second", { path }))
      const fiber = yield* Effect.fork(submit("a bay"))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* jobCount, 0)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* jobCount, 1)
      assert.strictEqual((yield* theJob).createdAt, 3000)
    }).pipe(embedded())
  )

  it.effect("a fault applies to every nth request, or with a repeatable probability", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const answers = (count: number) =>
        Effect.map(Effect.all(Array.from({ length: count }, () => call("GET", "/v2/status/heartbeat"))), (all) =>
          all.map(({ status }) => (status === 200 ? "." : "x")).join("")
        )
      yield* script(Faults.respond({ status: 500 }, { every: 3 }))
      assert.strictEqual(yield* answers(7), "..x..x.")
      yield* server.faults.clear
      yield* script(Faults.respond({ status: 500 }, { probability: 0.3, seed: 7 }))
      const once = yield* answers(40)
      yield* server.faults.clear
      yield* script(Faults.respond({ status: 500 }, { probability: 0.3, seed: 7 }))
      assert.strictEqual(yield* answers(40), once)
      const share = once.replaceAll(".", "").length
      assert.isTrue(share > 4 && share < 22, once)
    }).pipe(embedded())
  )
})

const patient = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 hour")
    const exit = yield* Fiber.poll(fiber)
    const interrupted = yield* Fiber.interrupt(fiber)
    if (Option.isNone(exit)) assert.isTrue(Exit.isFailure(interrupted) && Cause.isInterrupted(interrupted.cause))
    return exit
  })

describe("faults of jobs", () => {
  it.effect("two failed attempts end a picture as short without an error", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(2, "a bay"))
      const id = yield* submit("a bay")
      yield* TestClock.adjust("3500 millis")
      assert.include(yield* check(id), { restarted: 1, processing: 1, done: false })
      yield* TestClock.adjust("2 seconds")
      assert.include(yield* check(id), {
        finished: 0,
        processing: 0,
        waiting: 0,
        restarted: 2,
        done: true,
        faulted: false
      })
      assert.strictEqual((yield* theJob).state, "short")
    }).pipe(embedded())
  )

  it.effect("many failed attempts fault a job at the next sweep", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(9))
      const id = yield* submit("a bay", { n: 3 })
      yield* TestClock.adjust("9500 millis")
      assert.include(yield* check(id), { restarted: 4, processing: 1, waiting: 1, done: false, faulted: false })
      yield* TestClock.adjust("51 seconds")
      assert.include(yield* check(id), { done: true, faulted: true })
      assert.strictEqual((yield* theJob).state, "faulted")
    }).pipe(embedded())
  )

  it.effect("a lost worker delays the picture and does not lose it", () =>
    Effect.gen(function* () {
      yield* script(Faults.loseAttempts(1))
      const id = yield* submit("a bay")
      yield* TestClock.adjust("2 minutes")
      assert.include(yield* check(id), { processing: 1, restarted: 0 })
      yield* TestClock.adjust("1 minute")
      assert.include(yield* check(id), { waiting: 1, restarted: 1 })
      yield* TestClock.adjust("5 seconds")
      assert.include(yield* check(id), { finished: 1, done: true })
    }).pipe(embedded())
  )

  it.effect("a job can be impossible, stalled or vanished", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.impossible("no"),
        Faults.stall("stuck"),
        Faults.vanish((job) => job.prompt === "gone")
      )
      const no = yield* submit("no")
      assert.strictEqual((yield* check(no))["is_possible"], false)
      const stuck = yield* submit("stuck")
      yield* TestClock.adjust("3 minutes")
      const gone = yield* submit("gone")
      assert.include(yield* check(no), { is_possible: false, waiting: 1, done: false })
      assert.include(yield* check(stuck), { waiting: 0, processing: 0, done: false })
      assert.strictEqual((yield* call("GET", `/v2/generate/check/${gone}`)).status, 404)
      yield* script(Faults.vanish((job) => job.id === no))
      assert.strictEqual((yield* call("GET", `/v2/generate/status/${no}`)).status, 404)
    }).pipe(embedded({ limits: "raised" }))
  )

  it.effect("pictures can be censored, unavailable, broken or expired", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.censor("nude"),
        Faults.unavailableImage("lost"),
        Faults.brokenImage("bad"),
        Faults.expiredLink("old"),
        Faults.expireLinks(1, "aged")
      )
      const picture = (prompt: string, r2 = true) =>
        Effect.gen(function* () {
          const id = yield* submit(prompt, { r2 })
          yield* TestClock.adjust("5 seconds")
          return (yield* status(id))["generations"][0]
        })
      const nude = yield* picture("nude")
      assert.isTrue(nude.censored)
      assert.deepStrictEqual(nude.gen_metadata, [{ type: "censorship", value: "csam" }])
      assert.strictEqual((yield* picture("lost")).img, "N/A")
      assert.isFalse(
        Buffer.from((yield* picture("bad", false)).img, "base64")
          .toString("latin1")
          .startsWith("RIFF")
      )
      assert.isFalse((yield* call("GET", (yield* picture("bad")).img)).text.startsWith("RIFF"))
      assert.strictEqual((yield* call("GET", (yield* picture("old")).img)).status, 403)
      const aged = yield* submit("aged")
      yield* TestClock.adjust("5 seconds")
      const seen = Effect.flatMap(status(aged), (reply) => call("GET", reply["generations"][0].img))
      assert.strictEqual((yield* seen).status, 403)
      assert.strictEqual((yield* seen).status, 200)
    }).pipe(embedded())
  )
})
