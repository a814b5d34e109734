/** A call that creates something is sent once, whatever happens to its reply. */
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

/** The fault, whether the server carries out the call, and how long the client waits. */
const losses: ReadonlyArray<
  readonly [string, (match: Faults.Match) => Faults.Rule, "carried out" | "not carried out", number]
> = [
  [
    "a connection that breaks after the call was carried out",
    (match) => Faults.reset("after", match),
    "carried out",
    0
  ],
  [
    "a connection that breaks before the call was carried out",
    (match) => Faults.reset("before", match),
    "not carried out",
    0
  ],
  [
    "a gateway's 504 after the call was carried out",
    (match) => Faults.respondAfter(page(504), match),
    "carried out",
    0
  ],
  [
    "a gateway's 502 after the call was carried out",
    (match) => Faults.respondAfter(page(502), match),
    "carried out",
    0
  ],
  ["an HTML page with status 500", (match) => Faults.respondAfter(page(500), match), "carried out", 0],
  ["no reply for 90 seconds", (match) => Faults.hang("after", match), "carried out", 90_000],
  [
    "a reply that stops in the middle",
    (match) => Faults.hang("after", { ...match, sends: "half" }),
    "carried out",
    90_000
  ],
  ["a reply cut in half", (match) => Faults.truncate(match), "carried out", 0],
  ["a 202 without an id", (match) => Faults.respondAfter({ status: 202, body: "{}" }, match), "carried out", 0],
  ["an undeclared success", (match) => Faults.respondAfter({ status: 204 }, match), "carried out", 0]
]

describe("submits without a reply", () => {
  for (const [title, rule, acted, lasts] of losses) {
    it.effect(`a submit is sent once and fails with OutcomeUnknown: ${title}`, () =>
      Effect.gen(function* () {
        yield* script(rule({ method: "POST" }))
        const { took, value } = yield* runToEnd(timed(Effect.flip(Effect.scoped(ImageGeneration.submit(small())))))
        assert.strictEqual(value._tag, "OutcomeUnknown")
        assert.isFalse(value.isRetryable)
        assert.strictEqual(took, lasts)
        assert.lengthOf(yield* submits, 1)
        assert.lengthOf(yield* jobs, acted === "carried out" ? 1 : 0)
        assert.lengthOf(yield* cancels, 0)
      }).pipe(idle)
    )
  }

  it.effect("a submit that fails on the server is sent once", () =>
    Effect.gen(function* () {
      const json = { contentType: "application/json", body: '{"message":"no"}' }
      yield* script(Faults.respond({ status: 503, ...json }, { method: "POST" }))
      const error = yield* runToEnd(Effect.flip(Effect.scoped(ImageGeneration.submit(small()))))
      assert.strictEqual(error._tag, "ServerError")
      assert.lengthOf(yield* submits, 1)
    }).pipe(idle)
  )

  it.effect("a submit whose connection is refused fails with TransportError and is not sent", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse({ method: "POST" }))
      const error = yield* runToEnd(Effect.flip(Effect.scoped(ImageGeneration.submit(small()))))
      assert(error._tag === "TransportError")
      assert.strictEqual(error.reason, "NotSent")
      assert.isTrue(error.isRetryable)
      assert.lengthOf(yield* jobs, 0)
    }).pipe(idle)
  )

  it.effect("a submit that the rate limiter refuses is sent again after the time that it names", () =>
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

describe("ids in broken replies", () => {
  // without workers the reply has a warning, so that its first half contains the whole id
  const withoutWorkers = Effect.provide(stack({ server: { worker: false } }))
  const breaks: ReadonlyArray<readonly [string, Faults.Rule]> = [
    ["a reply cut in half", Faults.truncate({ method: "POST" })],
    ["a reply that stops in the middle", Faults.hang("after", { method: "POST", sends: "half" })]
  ]

  for (const [title, rule] of breaks) {
    it.effect(`a job whose id is in ${title} is tracked, and cancelled when its scope closes`, () =>
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
      }).pipe(withoutWorkers)
    )
  }
})

describe("creation of shared keys without a reply", () => {
  const creations = requests("PUT", "/v2/sharedkeys")

  for (const [title, rule, , lasts] of losses.filter(([title]) => !title.includes("without an id"))) {
    it.effect(`SharedKeys.create is sent once and fails with OutcomeUnknown: ${title}`, () =>
      Effect.gen(function* () {
        yield* script(rule({ method: "PUT" }))
        const { took, value } = yield* runToEnd(timed(Effect.flip(SharedKeys.create({ kudos: 10 }))))
        assert.strictEqual(value._tag, "OutcomeUnknown")
        assert.strictEqual(took, lasts)
        assert.lengthOf(yield* creations, 1)
      }).pipe(idle)
    )
  }

  it.effect("SharedKeys.create fails with TransportError and is not sent if the connection is refused", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse({ method: "PUT" }))
      const error = yield* runToEnd(Effect.flip(SharedKeys.create({ kudos: 10 })))
      assert(error._tag === "TransportError")
      assert.strictEqual(error.reason, "NotSent")
      assert.lengthOf(yield* creations, 0)
    }).pipe(idle)
  )

  it.effect("SharedKeys.create is never repeated, and SharedKeys.get is", () =>
    Effect.gen(function* () {
      const { faults } = yield* HordeServer.HordeServer
      const key = yield* SharedKeys.create({ kudos: 10 })
      yield* faults.script(Faults.reset("after", { times: 2 }))
      yield* runToEnd(SharedKeys.get(key.id))
      assert.lengthOf(yield* requests("GET", "/v2/sharedkeys/:id"), 3)
    }).pipe(idle)
  )
})
