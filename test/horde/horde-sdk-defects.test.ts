/**
 * Known defects of the Python SDK: one test each, that would have found the defect. They check the embedded horde's own
 * record of its requests and jobs.
 */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Endpoint from "effect-horde/Endpoint"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as FollowUp from "effect-horde/FollowUp"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { endpoints, json, server } from "../support/scripted.js"
import { baseUrl, stack } from "../support/stack.js"
import { rawSubmit, runToEnd, script } from "../support/virtualTime.js"

/** The states in the horde's own record of its jobs. */
const states = Effect.gen(function* () {
  const horde = yield* HordeServer.HordeServer
  return (yield* horde.jobs).map(({ state }) => state)
})

/** The exit of an effect, in virtual time. */
const exitOf = <A, E, R>(effect: Effect.Effect<A, E, R>) => runToEnd(Effect.exit(effect), "5 seconds")

const errorOf = (exit: Exit.Exit<unknown, unknown>): any =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : `no failure: ${String(exit)}`

const prompt = "a quiet bay"
const submit = rawSubmit({ prompt })
const check = (id: Job.GenerationRequestId) => Effect.flatMap(ImageGeneration.Check, (call) => call({ params: { id } }))

/** No worker takes jobs: a job that is not cancelled stays waiting. */
const idle = stack({ server: { worker: { takesJobs: false }, limits: "raised" } })

const checkPath = "/v2/generate/check/:id"

describe("horde-sdk", () => {
  it.effect("B1: a job stays tracked after unrelated calls", () =>
    Effect.gen(function* () {
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* submit
          yield* Status.heartbeat
          const key = yield* SharedKeys.create()
          yield* SharedKeys.get(key.id)
          yield* ImageGeneration.price({ prompt })
          const followUp = yield* FollowUp.FollowUp
          assert.strictEqual((yield* followUp.unfinished).length, 1)
          assert.deepStrictEqual(yield* states, ["waiting"])
        })
      )
      assert.deepStrictEqual(yield* states, ["cancelled"])
    }).pipe(Effect.provide(idle))
  )

  it.effect("B2: a refused check does not settle a job", () =>
    Effect.gen(function* () {
      const bodies: ReadonlyArray<Faults.Response> = [
        { status: 429, body: '{"message":"10 per 1 second"}', headers: { "retry-after": "500" } },
        { status: 404, body: "<h1>404</h1>" },
        { status: 404, body: '{"message":"nowhere"}' },
        { status: 404, body: '{"message":"","rc":"WorkerNotFound"}' },
        { status: 400, body: '{"message":"no"}' },
        { status: 500, body: '{"message":"no"}' },
        { status: 200, body: '{"done":true}' }
      ]
      for (const response of bodies) {
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              const { id } = yield* submit
              // an HTML page is retried, so that it fails the check only if it persists
              yield* script(
                Faults.respond(response, { path: checkPath, times: response.body?.startsWith("<") ? 6 : 1 })
              )
              assert.strictEqual((yield* Effect.exit(check(id)))._tag, "Failure")
            })
          )
        )
      }
      assert.deepStrictEqual(
        yield* states,
        bodies.map(() => "cancelled")
      )
    }).pipe(Effect.provide(idle))
  )

  it.effect("B3: closing a scope cancels all of its jobs and not only every second one", () =>
    Effect.gen(function* () {
      const count = 8
      yield* runToEnd(Effect.scoped(Effect.all(Array.from({ length: count }, () => submit))))
      assert.deepStrictEqual(yield* states, Array(count).fill("cancelled"))
      const horde = yield* HordeServer.HordeServer
      assert.deepStrictEqual(
        (yield* horde.jobs).map(({ cancels }) => cancels),
        Array(count).fill(1)
      )
    }).pipe(Effect.provide(idle))
  )

  it("B5: an id is percent-encoded in the path, and every placeholder is replaced", () => {
    const url = EndpointMetadata.url(SharedKeys.Modify, {
      params: { id: SharedKeys.sharedKeyId("my key#1/../?ü") },
      payload: { kudos: 1 }
    })
    assert.strictEqual(url, "https://aihorde.net/api/v2/sharedkeys/my%20key%231%2F..%2F%3F%C3%BC")
    const all = [SharedKeys.Get, SharedKeys.Modify, SharedKeys.Delete, ImageGeneration.Check, ImageGeneration.Cancel]
    for (const { declaration } of all) {
      assert.deepStrictEqual(
        declaration.path.match(/:\w+/g),
        Object.keys(declaration.params).map((name) => `:${name}`)
      )
    }
  })

  it.effect("B8: the program's name is sent as the header Client-Agent", () =>
    Effect.gen(function* () {
      yield* Status.heartbeat
      const horde = yield* HordeServer.HordeServer
      const [exchange] = yield* horde.exchanges
      assert.strictEqual(exchange?.headers["client-agent"], "gallery:1.2:me@example.invalid")
      assert.notProperty(exchange?.headers, "client_agent")
    }).pipe(Effect.provide(stack({ client: { clientAgent: "gallery:1.2:me@example.invalid" } })))
  )

  it.effect("B10: a failure, a time-out and an interruption cancel the job", () =>
    Effect.gen(function* () {
      const draw = ImageGeneration.generate({ prompt }, { deadline: "30 seconds" })
      yield* exitOf(draw)
      yield* exitOf(Effect.timeout(draw, "5 seconds"))
      const fiber = yield* Effect.fork(draw)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      yield* exitOf(Effect.scoped(Effect.zipRight(submit, Effect.fail("something else"))))
      assert.deepStrictEqual(yield* states, ["cancelled", "cancelled", "cancelled", "cancelled"])
    }).pipe(Effect.provide(idle))
  )

  it.effect("B10: a success is not cancelled", () =>
    Effect.gen(function* () {
      const exit = yield* exitOf(ImageGeneration.generate({ prompt }))
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(yield* states, ["finished"])
      const horde = yield* HordeServer.HordeServer
      assert.isEmpty((yield* horde.exchanges).filter(({ method }) => method === "DELETE"))
    }).pipe(Effect.provide(stack()))
  )

  it.effect("B12: a job that cannot succeed fails in time with an error that says why", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const ends: ReadonlyArray<readonly [Faults.Rule, string]> = [
        [Faults.failAttempts(9), "JobFaulted"],
        [Faults.impossible(), "JobImpossible"],
        [Faults.stall(), "JobFaulted"],
        [Faults.vanish(), "JobExpired"]
      ]
      for (const [rule, tag] of ends) {
        yield* horde.faults.clear
        yield* horde.faults.script(rule)
        const before = yield* DateTime.now
        const error = errorOf(yield* exitOf(ImageGeneration.generate({ prompt })))
        assert.strictEqual(error._tag, tag)
        assert.isEmpty(error.partial)
        assert.isBelow(DateTime.distance(before, yield* DateTime.now), 240_000, tag)
      }
      // finished pictures are kept
      yield* horde.faults.clear
      const fiber = yield* Effect.fork(exitOf(ImageGeneration.generate({ prompt, params: { n: 2 } })))
      yield* TestClock.adjust("3500 millis")
      yield* horde.faults.script(Faults.failAttempts(9))
      const short = errorOf(yield* Fiber.join(fiber))
      assert.deepStrictEqual([short._tag, short.partial.length], ["JobFaulted", 1])
    }).pipe(Effect.provide(stack({ server: { limits: "raised" } })))
  )

  it.effect(
    "B13: calls to a busy server are repeated, a submit is not sent twice, and a server without reply ends in a time-out",
    () =>
      Effect.gen(function* () {
        const horde = yield* HordeServer.HordeServer
        yield* script(Faults.respond({ status: 503, body: "{}" }, { times: 2 }))
        assert.isTrue(Exit.isSuccess(yield* exitOf(Status.heartbeat)))
        yield* script(
          Faults.respond(
            { status: 429, body: '{"message":"2 per 1 second"}', headers: { "retry-after": "3" } },
            { times: 1 }
          )
        )
        assert.isTrue(Exit.isSuccess(yield* exitOf(Effect.scoped(submit))))
        const submits = (yield* horde.exchanges).filter(({ method }) => method === "POST")
        assert.strictEqual((submits[1]?.at ?? 0) - (submits[0]?.at ?? 0), 3000)
        yield* script(Faults.respondAfter({ status: 504, body: "<h1>504</h1>" }, { method: "POST", times: 1 }))
        assert.strictEqual(errorOf(yield* exitOf(Effect.scoped(submit)))._tag, "OutcomeUnknown")
        assert.strictEqual((yield* horde.exchanges).filter(({ method }) => method === "POST").length, 3)
        yield* script(Faults.hang("before", { path: "/v2/status/heartbeat" }))
        const silent = errorOf(yield* exitOf(Status.heartbeat))
        assert.deepStrictEqual([silent._tag, silent.reason], ["TransportError", "TimedOut"])
      }).pipe(Effect.provide(idle))
  )

  it.effect("B14: an error keeps the code, the status, the fields and the message", () =>
    Effect.gen(function* () {
      const coded = errorOf(yield* exitOf(Effect.scoped(rawSubmit({ prompt, workers: ["nobody"] }))))
      assert.deepStrictEqual([coded._tag, coded.status, coded.rc], ["NotFound", 404, "WorkerNotFound"])
      assert.isAbove(coded.message.length, 5)
      const fields = errorOf(yield* exitOf(Endpoint.lenient(ImageGeneration.price({ prompt, params: { width: 65 } }))))
      assert.deepStrictEqual([fields._tag, fields.status, fields.rc], ["BadRequest", 400, undefined])
      assert.include(Object.keys(fields.errors).join(), "width")
    }).pipe(Effect.provide(idle))
  )

  it.effect("B15: the status of a reply decides whether it is an error", () =>
    Effect.gen(function* () {
      const exit = yield* exitOf(check("nobody" as Job.GenerationRequestId))
      assert.instanceOf(errorOf(exit), HordeError.NotFound)
      const priced = yield* ImageGeneration.price({ prompt })
      assert.hasAllKeys(priced, ["kudos"])
      const taken = yield* Effect.scoped(submit)
      assert.isString(taken.id)
      // 200 is a price and 202 a job; neither is read as the other
      const script = server(() => json(202, { id: "a", kudos: 3 }))
      const error = yield* Effect.flip(ImageGeneration.price({ prompt })).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
      )
      assert.deepStrictEqual([error._tag, error.status], ["UnexpectedResponse", 202])
    }).pipe(Effect.provide(idle))
  )

  it.effect("B16: the base URL and the time of receipt of a reply are available", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("90 seconds")
      const client = yield* HordeClient.HordeClient
      assert.strictEqual(client.baseUrl, baseUrl)
      const { receipt } = yield* Endpoint.withReply(Status.heartbeat)
      assert.strictEqual(DateTime.formatIso(Option.getOrThrow(receipt).receivedAt), "1970-01-01T00:01:30.000Z")
    }).pipe(Effect.provide(idle))
  )

  it.effect("B17: equality of generations is symmetric and consistent with its hash", () =>
    Effect.gen(function* () {
      const { hashGenerations, sameGenerations } = ImageGeneration
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { id } = yield* rawSubmit({ prompt, params: { n: 2 } })
          const status = Effect.flatMap(ImageGeneration.Status, (call) => call({ params: { id } }))
          yield* TestClock.adjust("3 seconds")
          const half = yield* status
          yield* TestClock.adjust("5 seconds")
          const whole = yield* status
          assert.deepStrictEqual([half.generations.length, whole.generations.length], [1, 2])
          assert.deepStrictEqual([sameGenerations(half, whole), sameGenerations(whole, half)], [false, false])
          const turned = { ...whole, generations: [...whole.generations].reverse(), kudos: 99 }
          assert.isTrue(sameGenerations(whole, turned))
          assert.strictEqual(hashGenerations(whole), hashGenerations(turned))
        })
      )
    }).pipe(Effect.provide(stack()))
  )

  it.effect("B18: values that the server accepts are not rejected by the SDK", () =>
    Effect.gen(function* () {
      const sendable: ReadonlyArray<ImageGeneration.GenerationInputStable> = [
        { prompt, censor_nsfw: true },
        { prompt, source_processing: "outpainting" },
        { prompt, models: [] },
        { prompt }
      ]
      for (const payload of sendable) {
        yield* ImageGeneration.price(payload)
        yield* TestClock.adjust("1 second")
      }
      const horde = yield* HordeServer.HordeServer
      assert.deepStrictEqual(
        (yield* horde.exchanges).map(({ status }) => status),
        [200, 200, 200, 200]
      )
    }).pipe(Effect.provide(idle))
  )

  it.effect("B19: a shared key can be modified in part", () =>
    Effect.gen(function* () {
      const made = yield* SharedKeys.create({ kudos: 100, name: "mine", expiry: 7, max_image_steps: 30 })
      const changed = yield* SharedKeys.modify(made.id, { kudos: 50 })
      assert.deepStrictEqual(
        { ...changed, id: undefined, expiry: undefined },
        { ...made, id: undefined, expiry: undefined, kudos: 50 }
      )
      assert.deepStrictEqual(changed.expiry, made.expiry)
      const unlimited = yield* SharedKeys.modify(made.id, { expiry: -1 })
      assert.notProperty(unlimited, "expiry")
    }).pipe(Effect.provide(idle))
  )

  it.effect("B20: no call uses the anonymous account unless configured", () =>
    Effect.gen(function* () {
      const made = yield* SharedKeys.create()
      yield* SharedKeys.get(made.id)
      yield* SharedKeys.modify(made.id, { kudos: 1 })
      yield* Effect.scoped(submit)
      yield* ImageGeneration.price({ prompt })
      yield* SharedKeys.remove(made.id)
      const horde = yield* HordeServer.HordeServer
      const withKey = (yield* horde.exchanges).filter(({ route }) => !/generate\/(check|status)/.test(route ?? ""))
      assert.deepStrictEqual(
        withKey.map(({ account }) => account),
        Array(6).fill("owner")
      )
      const key = undefined as unknown as Redacted.Redacted
      const unset = yield* Effect.flip(SharedKeys.create().pipe(HordeClient.withApiKey(key)))
      assert.strictEqual(unset._tag, "InvalidRequest")
      const built = yield* Effect.exit(Effect.scoped(Layer.build(Horde.layer({ baseUrl, apiKey: key }))))
      assert.isTrue(Exit.isFailure(built))
    }).pipe(Effect.provide(idle))
  )

  it.effect("B21: an odd field does not invalidate the reply", () =>
    Effect.gen(function* () {
      const nameless = yield* SharedKeys.create()
      assert.notProperty(nameless, "name")
      const dated = yield* SharedKeys.create({ expiry: 7 })
      if (dated.expiry === undefined) throw new Error("there is no expiry")
      assert.strictEqual(DateTime.toEpochMillis(dated.expiry), 7 * 86_400_000)
      const script = server(() =>
        json(200, {
          id: "a",
          username: "owner#1",
          name: null,
          expiry: null,
          kudos: -7,
          utilized: 12.5,
          max_image_pixels: -1,
          max_image_steps: 9999,
          max_text_tokens: -1,
          brand_new: { a: 1 }
        })
      )
      const odd = yield* SharedKeys.get(nameless.id).pipe(Effect.provide(endpoints().pipe(Layer.provide(script.layer))))
      assert.deepInclude(odd, { kudos: -7, utilized: 12.5, max_image_steps: 9999 })
      assert.doesNotHaveAnyKeys(odd, ["name", "expiry", "brand_new"])
    }).pipe(Effect.provide(idle))
  )

  it.effect("B22: an empty id is rejected and not replaced by another", () =>
    Effect.gen(function* () {
      const empty = yield* Effect.flip(check("" as Job.GenerationRequestId))
      assert.strictEqual(empty._tag, "InvalidRequest")
      const horde = yield* HordeServer.HordeServer
      assert.isEmpty(yield* horde.exchanges)
      const script = server(() => json(202, { id: "", kudos: 3 }))
      const lost = yield* Effect.flip(Effect.scoped(submit)).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
      )
      assert.strictEqual(lost._tag, "OutcomeUnknown")
      assert.strictEqual(script.sent.length, 1)
    }).pipe(Effect.provide(idle))
  )

  it.effect("B24: a submit that was never sent leaves no job to cancel", () =>
    Effect.gen(function* () {
      const followUp = yield* FollowUp.FollowUp
      yield* script(Faults.refuse({ method: "POST", times: 1 }))
      const inScope = Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.flip(submit)
          assert.isEmpty(yield* followUp.unfinished)
        })
      )
      yield* runToEnd(inScope)
      yield* script(Faults.reset("before", { method: "POST", times: 1 }))
      yield* runToEnd(inScope)
      assert.isEmpty(yield* states)
      const horde = yield* HordeServer.HordeServer
      assert.isEmpty((yield* horde.exchanges).filter(({ method }) => method === "DELETE"))
      // two connections of one program share no state
      const other = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) })
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            yield* submit
            const theirs = yield* Effect.provide(
              Effect.flatMap(FollowUp.FollowUp, ({ unfinished }) => unfinished),
              other
            )
            assert.isEmpty(theirs)
            assert.strictEqual((yield* followUp.unfinished).length, 1)
          })
        )
      )
      assert.deepStrictEqual(yield* states, ["cancelled"])
    }).pipe(Effect.provide(idle))
  )
})
