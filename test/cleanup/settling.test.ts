/** Only two replies settle a job: a success with its end, and RequestNotFound. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import type * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { stack } from "../support/stack.js"
import { cancels, jobOutcomes, rawSubmit, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))
const working = Effect.provide(stack({ server: { worker: { takes: "2 seconds" } } }))

const unfinished = Effect.flatMap(FollowUp.FollowUp, (followUp) =>
  Effect.map(followUp.unfinished, (jobs) => jobs.length)
)

type Ask = (
  id: Job.GenerationRequestId
) => Effect.Effect<
  unknown,
  HordeError.CallError,
  ImageGeneration.Check | ImageGeneration.Status | ImageGeneration.Cancel
>

const asks: { readonly [name: string]: Ask } = { check: ImageGeneration.check, status: ImageGeneration.status }

describe("refused polls", () => {
  const refusals: ReadonlyArray<readonly [string, Faults.Rule, string]> = [
    [
      "a limiter's 429",
      Faults.respond(
        { status: 429, body: '{"message":"2 per 1 second"}', headers: { "retry-after": "60" } },
        { method: "GET" }
      ),
      "RateLimited"
    ],
    [
      "a 404 page",
      Faults.respond({ status: 404, body: "<title>Not Found</title>" }, { method: "GET" }),
      "UnexpectedResponse"
    ],
    ["a 404 with another code", jsonError(404, "UserNotFound"), "NotFound"],
    ["a 500 page", Faults.respond({ status: 500, body: "<title>Oops</title>" }, { method: "GET" }), "ServerError"],
    ["a 500 in JSON", jsonError(500, "RequestNotFound"), "ServerError"],
    ["a 403", jsonError(403, "RequestNotFound"), /Forbidden|UnexpectedResponse/.source],
    ["a reply that is not JSON", Faults.respond({ status: 200, body: "OK" }, { method: "GET" }), "UnexpectedResponse"],
    ["a broken connection", Faults.reset("after", { method: "GET" }), "TransportError"]
  ]

  for (const [name, ask] of Object.entries(asks)) {
    for (const [title, rule, tag] of refusals) {
      it.effect(`${name} does not settle a job after ${title}`, () =>
        Effect.gen(function* () {
          yield* runToEnd(
            Effect.scoped(
              Effect.gen(function* () {
                const { id } = yield* rawSubmit()
                yield* script(rule)
                const error = yield* Effect.flip(ask(id))
                assert.match(error._tag, new RegExp(tag))
                assert.strictEqual(yield* unfinished, 1)
              })
            ),
            "1 minute"
          )
          assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
        }).pipe(idle)
      )
    }
  }
})

function jsonError(status: number, rc: string): Faults.Rule {
  const response = { status, contentType: "application/json", body: JSON.stringify({ message: "no", rc }) }
  return Faults.respond(response, { method: "GET" })
}

describe("replies of other calls", () => {
  it.effect("other endpoints, other jobs, prices and checks of unfinished jobs settle nothing", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const first = yield* rawSubmit(small("first"))
            const second = yield* rawSubmit(small("second"))
            yield* Effect.flatMap(Status.Heartbeat, (heartbeat) => heartbeat({}))
            const key = yield* SharedKeys.create({ kudos: 100 })
            yield* SharedKeys.get(key.id)
            yield* SharedKeys.remove(key.id)
            yield* ImageGeneration.price(small())
            yield* ImageGeneration.check(first.id)
            yield* ImageGeneration.status(second.id)
            yield* Effect.exit(ImageGeneration.check(Job.GenerationRequestId.make("no-such-job")))
            assert.strictEqual(yield* unfinished, 2)
            yield* ImageGeneration.cancel(second.id)
            assert.strictEqual(yield* unfinished, 1)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
      assert.lengthOf(yield* cancels, 2)
    }).pipe(idle)
  )

  it.effect("a failed cancel settles nothing", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const { id } = yield* rawSubmit()
            yield* script(Faults.respond({ status: 500, body: '{"message":"no"}' }, { method: "DELETE", times: 1 }))
            assert.strictEqual((yield* Effect.flip(ImageGeneration.cancel(id)))._tag, "ServerError")
            assert.strictEqual(yield* unfinished, 1)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 2)
    }).pipe(idle)
  )
})

describe("replies that settle a job", () => {
  for (const [name, ask] of Object.entries({ ...asks, cancel: ImageGeneration.cancel })) {
    it.effect(`RequestNotFound in reply to a ${name} settles the job`, () =>
      Effect.gen(function* () {
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              const known = yield* rawSubmit(small("known"))
              const { id } = yield* rawSubmit(small("vanished"))
              yield* Effect.sleep("10 seconds")
              yield* script(Faults.vanish("vanished"))
              assert.strictEqual((yield* Effect.flip(ask(id)))._tag, "NotFound")
              assert.strictEqual(yield* unfinished, 1)
              yield* ImageGeneration.check(known.id)
            })
          )
        )
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "expired 0"])
        assert.lengthOf(yield* cancels, name === "cancel" ? 2 : 1)
      }).pipe(idle)
    )
  }

  for (const [name, ask] of Object.entries(asks)) {
    it.effect(`a ${name} of the finished job settles it, and no earlier reply does`, () =>
      Effect.gen(function* () {
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              const { id } = yield* rawSubmit()
              yield* Effect.sleep("2 seconds")
              yield* ask(id)
              assert.strictEqual(yield* unfinished, 1)
              yield* Effect.sleep("2 seconds")
              yield* ask(id)
              assert.strictEqual(yield* unfinished, 0)
            })
          )
        )
        assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
        assert.lengthOf(yield* cancels, 0)
      }).pipe(working)
    )
  }

  it.effect("a job that is finished on the server without a reply to this client is not settled", () =>
    Effect.gen(function* () {
      yield* runToEnd(Effect.scoped(Effect.zipRight(rawSubmit(), Effect.sleep("10 seconds"))))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 1"])
    }).pipe(working)
  )
})
