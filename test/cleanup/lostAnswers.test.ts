/** A call that creates something is sent once, whatever becomes of its answer. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as SharedKeys from "effect-horde/SharedKeys"
import { stack } from "../support/stack.js"
import {
  cancels,
  jobOutcomes,
  jobs,
  requests,
  runToEnd,
  script,
  small,
  submits,
  timed
} from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))

const page = (status: number) => ({ status, body: `<title>${status}</title>` })

/** What befalls an answer, whether the server acted on the call, and how long the client looks on. */
const losses: ReadonlyArray<
  readonly [string, (match: Faults.Match) => Faults.Rule, "acted on" | "not acted on", number]
> = [
  ["the connection breaks after it was acted on", (match) => Faults.reset("after", match), "acted on", 0],
  ["the connection breaks before it was acted on", (match) => Faults.reset("before", match), "not acted on", 0],
  ["a gateway's 504 after it was acted on", (match) => Faults.respondAfter(page(504), match), "acted on", 0],
  ["a gateway's 502 after it was acted on", (match) => Faults.respondAfter(page(502), match), "acted on", 0],
  ["a page with a 500", (match) => Faults.respondAfter(page(500), match), "acted on", 0],
  ["no answer for 90 seconds", (match) => Faults.hang("after", match), "acted on", 90_000],
  [
    "an answer that stops in the middle",
    (match) => Faults.hang("after", { ...match, sends: "half" }),
    "acted on",
    90_000
  ],
  ["an answer cut in half", (match) => Faults.truncate(match), "acted on", 0],
  ["a 202 that names no id", (match) => Faults.respondAfter({ status: 202, body: "{}" }, match), "acted on", 0],
  ["an undeclared success", (match) => Faults.respondAfter({ status: 204 }, match), "acted on", 0]
]

describe("a submit", () => {
  for (const [title, rule, acted, lasts] of losses) {
    it.effect(`is sent once, and its outcome unknown: ${title}`, () =>
      Effect.gen(function* () {
        yield* script(rule({ method: "POST" }))
        const { took, value } = yield* runToEnd(timed(Effect.flip(Effect.scoped(ImageGeneration.submit(small())))))
        assert.strictEqual(value._tag, "OutcomeUnknown")
        assert.isFalse(value.isRetryable)
        assert.strictEqual(took, lasts)
        assert.lengthOf(yield* submits, 1)
        assert.lengthOf(yield* jobs, acted === "acted on" ? 1 : 0)
        assert.lengthOf(yield* cancels, 0)
      }).pipe(idle)
    )
  }

  it.effect("is sent once where the server itself fails", () =>
    Effect.gen(function* () {
      const json = { contentType: "application/json", body: '{"message":"no"}' }
      yield* script(Faults.respond({ status: 503, ...json }, { method: "POST" }))
      const error = yield* runToEnd(Effect.flip(Effect.scoped(ImageGeneration.submit(small()))))
      assert.strictEqual(error._tag, "ServerError")
      assert.lengthOf(yield* submits, 1)
    }).pipe(idle)
  )

  it.effect("that was refused a connection was not sent", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse({ method: "POST" }))
      const error = yield* runToEnd(Effect.flip(Effect.scoped(ImageGeneration.submit(small()))))
      assert(error._tag === "TransportError")
      assert.strictEqual(error.reason, "NotSent")
      assert.isTrue(error.isRetryable)
      assert.lengthOf(yield* jobs, 0)
    }).pipe(idle)
  )

  it.effect("that the limiter refused is sent again, after what it says", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.respond(
          { status: 429, body: '{"message":"2 per 1 second"}', headers: { "retry-after": "7" } },
          { method: "POST", times: 1 }
        )
      )
      yield* runToEnd(Effect.scoped(ImageGeneration.submit(small())))
      const [first, second] = yield* submits
      assert.strictEqual((second?.at ?? 0) - (first?.at ?? 0), 7000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("an id that can be read in a broken answer", () => {
  // without workers the answer carries a warning, so that its first half has the whole id in it
  const nobody = Effect.provide(stack({ server: { worker: false } }))
  const breaks: ReadonlyArray<readonly [string, Faults.Rule]> = [
    ["cut in half", Faults.truncate({ method: "POST" })],
    ["that stops in the middle", Faults.hang("after", { method: "POST", sends: "half" })]
  ]

  for (const [title, rule] of breaks) {
    it.effect(`${title}: the job is tracked, and cancelled when its scope closes`, () =>
      Effect.gen(function* () {
        yield* script(rule)
        const followUp = yield* FollowUp.FollowUp
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              const { reply } = yield* ImageGeneration.submit(small())
              assert.strictEqual(reply.id, (yield* jobs)[0]?.id)
              assert.lengthOf(yield* followUp.unfinished, 1)
            })
          )
        )
        assert.lengthOf(yield* submits, 1)
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      }).pipe(nobody)
    )
  }
})

describe("the call that creates a shared key", () => {
  const creations = requests("PUT", "/v2/sharedkeys")

  for (const [title, rule, , lasts] of losses.filter(([title]) => !title.includes("names no id"))) {
    it.effect(`is sent once, and its outcome unknown: ${title}`, () =>
      Effect.gen(function* () {
        yield* script(rule({ method: "PUT" }))
        const { took, value } = yield* runToEnd(timed(Effect.flip(SharedKeys.create({ kudos: 10 }))))
        assert.strictEqual(value._tag, "OutcomeUnknown")
        assert.strictEqual(took, lasts)
        assert.lengthOf(yield* creations, 1)
      }).pipe(idle)
    )
  }

  it.effect("that was refused a connection was not sent", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse({ method: "PUT" }))
      const error = yield* runToEnd(Effect.flip(SharedKeys.create({ kudos: 10 })))
      assert(error._tag === "TransportError")
      assert.strictEqual(error.reason, "NotSent")
      assert.lengthOf(yield* creations, 0)
    }).pipe(idle)
  )

  it.effect("is never repeated, while one that only reads is", () =>
    Effect.gen(function* () {
      const { faults } = yield* HordeServer.HordeServer
      const key = yield* SharedKeys.create({ kudos: 10 })
      yield* faults.script(Faults.reset("after", { times: 2 }))
      yield* runToEnd(SharedKeys.get(key.id))
      assert.lengthOf(yield* requests("GET", "/v2/sharedkeys/:id"), 3)
    }).pipe(idle)
  )
})
