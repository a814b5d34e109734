/**
 * Hostile requests, options, replies and headers: every endpoint and every job function ends in success or in a typed
 * error. None of them is a defect, and a request that cannot be encoded is not sent.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Duration, Effect, Exit, FastCheck, Layer, Option, Redacted, Stream } from "effect"
import * as Endpoint from "effect-horde/Endpoint"
import * as Horde from "effect-horde/Horde"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import { Ticket } from "effect-horde/Job"
import * as Recovery from "effect-horde/Recovery"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as Users from "effect-horde/Users"
import { forAll } from "../support/forAll.js"
import { checkOf, generation, jobId, jobServer, running, statusOf } from "../support/jobServer.js"
import { type Answer, json, server } from "../support/scripted.js"
import { baseUrl } from "../support/stack.js"
import { rawSubmit, runToEnd } from "../support/virtualTime.js"

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { value }
  return value
}

/** Values that throw when they are read, encoded or compared, and some that are only odd. */
const hostile: Readonly<Record<string, unknown>> = {
  "a BigInt": 1n,
  "a cycle": cyclic,
  "a toJSON that throws": {
    toJSON: () => {
      throw new Error("no")
    }
  },
  "a getter that throws": {
    get value(): never {
      throw new Error("no")
    }
  },
  "20,000 levels": nested(20_000),
  "5,000 levels": nested(5000),
  "a symbol": Symbol("odd"),
  "a function": () => 1,
  "half a surrogate pair": "a\ud83d",
  "an object without a prototype": Object.assign(Object.create(null), { toString: null }),
  "a proxy whose traps throw": new Proxy(
    {},
    {
      get: () => {
        throw new Error("no")
      },
      ownKeys: () => {
        throw new Error("no")
      }
    }
  ),
  NaN: Number.NaN,
  "minus infinity": Number.NEGATIVE_INFINITY,
  "an invalid date": new Date(Number.NaN),
  "a key named __proto__": JSON.parse('{"__proto__": {"polluted": true}}')
}

const submitCall = (payload: unknown) => Effect.scoped(rawSubmit(payload as never))

/** Asserts success or a failure with an error of the library. */
const assertTyped = (exit: Exit.Exit<unknown, unknown>, about: string): void => {
  if (Exit.isSuccess(exit)) return
  const failure = Cause.failureOption(exit.cause)
  assert.isTrue(
    Option.isSome(failure) && HordeError.isHordeError(failure.value),
    `${about}: ${Cause.pretty(exit.cause).slice(0, 500)}`
  )
  // and the error can be printed
  assert.isString(Cause.pretty(exit.cause))
}

const inTime = <A, E, R>(program: Effect.Effect<A, E, R>) => runToEnd(Effect.exit(program), "30 seconds")

describe("requests that cannot be encoded", () => {
  const requests: ReadonlyArray<readonly [string, (value: unknown) => unknown]> = [
    ["extra", (value) => ({ prompt: "a bay", extra: { field: value } })],
    ["params.extra", (value) => ({ prompt: "a bay", params: { extra: { field: value } } })],
    ["params.special", (value) => ({ prompt: "a bay", params: { special: { field: value } } })],
    ["prompt", (value) => ({ prompt: value })],
    ["params", (value) => ({ prompt: "a bay", params: value })],
    ["the request", (value) => value],
    ["models", (value) => ({ prompt: "a bay", models: [value] })]
  ]

  for (const [name, value] of Object.entries(hostile)) {
    it.effect(`a request with ${name} is not sent, or sent completely`, () =>
      Effect.gen(function* () {
        for (const [where, request] of requests) {
          for (const wrap of [Endpoint.lenient, <A, E, R>(effect: Effect.Effect<A, E, R>) => effect]) {
            const scripted = jobServer()
            const functions: ReadonlyArray<Effect.Effect<unknown, unknown, Horde.Services>> = [
              submitCall(request(value)),
              ImageGeneration.price(request(value) as never),
              ImageGeneration.generate(request(value) as never),
              Stream.runDrain(ImageGeneration.progress(request(value) as never)),
              Effect.scoped(ImageGeneration.submit(request(value) as never))
            ]
            for (const [index, run] of functions.entries()) {
              assertTyped(yield* inTime(scripted.run(wrap(run))), `${where} ${index}`)
            }
            for (const { body } of scripted.sent) if (body !== undefined) JSON.parse(body)
          }
        }
      })
    )
  }

  it.effect("the error of a request that cannot be encoded names the field", () =>
    Effect.gen(function* () {
      const scripted = jobServer()
      for (const name of ["a BigInt", "a cycle", "a toJSON that throws", "20,000 levels"]) {
        const request = { prompt: "a bay", extra: { fine: 1, odd: hostile[name] } }
        const error = yield* Effect.flip(submitCall(request)).pipe(scripted.run)
        assert(error instanceof HordeError.InvalidRequest, name)
        assert.deepStrictEqual(
          Object.keys(error.errors).map((field) => field.split(".").slice(0, 2).join(".")),
          ["payload.odd"],
          name
        )
      }
      assert.isEmpty(scripted.sent)
    })
  )

  it.effect("a prompt with half a surrogate pair and any refusal is no defect", () =>
    Effect.gen(function* () {
      for (const answer of [
        json(400, { message: "no", rc: "CorruptPrompt" }),
        json(400, { message: "no", errors: { a: { toString: null } } }),
        json(403, { message: "a\ud83d", rc: "Forbidden" })
      ]) {
        const scripted = jobServer({ submit: () => answer })
        const exit = yield* inTime(scripted.run(submitCall({ prompt: "a\ud83d" })))
        assertTyped(exit, JSON.stringify(answer))
        assert.isTrue(Exit.isFailure(exit))
      }
    })
  )
})

describe("options of jobs", () => {
  const wrong: ReadonlyArray<readonly [string, object]> = [
    ["deadline", { deadline: "soon" }],
    ["deadline", { deadline: Number.NaN }],
    ["deadline", { deadline: 0 }],
    ["deadline", { deadline: -5 }],
    ["deadline", { deadline: {} }],
    ["deadline", { deadline: null }],
    ["impossibleAfter", { impossibleAfter: "later" }],
    ["impossibleAfter", { impossibleAfter: [1, 2, 3] }],
    ["results", { results: "sometimes" }]
  ]
  for (const [field, options] of wrong) {
    it.effect(`options of ${JSON.stringify(options)} fail with InvalidRequest, and nothing is sent`, () =>
      Effect.gen(function* () {
        const scripted = jobServer()
        const request = { prompt: "a bay" }
        const ticket = Ticket.make({
          version: 1,
          kind: "image",
          id: Redacted.make(jobId),
          expected: 1,
          submittedAt: DateTime.unsafeMake(0),
          deadline: DateTime.unsafeMake(60_000)
        })
        for (const run of [
          ImageGeneration.generate(request, options as never),
          Effect.scoped(ImageGeneration.submit(request, options as never)),
          Effect.scoped(ImageGeneration.resume(ticket, options as never)),
          Stream.runDrain(ImageGeneration.progress(request, options as never))
        ]) {
          const error = yield* Effect.flip<unknown, unknown, Horde.Services>(run).pipe(scripted.run)
          assert(error instanceof HordeError.InvalidRequest)
          assert.deepStrictEqual(Object.keys(error.errors), [`options.${field}`])
        }
        assert.isEmpty(scripted.sent)
      })
    )
  }

  for (const deadline of [Duration.infinity, Number.POSITIVE_INFINITY, Number.MAX_VALUE, "1000000 weeks"] as const) {
    it.effect(`a job with a deadline of ${String(deadline)} succeeds`, () =>
      Effect.gen(function* () {
        const scripted = jobServer()
        assert.lengthOf(
          yield* runToEnd(ImageGeneration.generate({ prompt: "a bay" }, { deadline })).pipe(scripted.run),
          1
        )
      })
    )
  }

  it.effect("a lenient job with any number of pictures succeeds or fails with a typed error", () =>
    Effect.gen(function* () {
      for (const n of [0, -1, 1.5, Number.NaN, 1e308, Number.POSITIVE_INFINITY]) {
        const scripted = jobServer()
        const run = Endpoint.lenient(
          ImageGeneration.generate({ prompt: "a bay", params: { n } }, { deadline: "1 minute" })
        )
        assertTyped(yield* inTime(scripted.run(run)), String(n))
      }
    })
  )
})

const oddValues = FastCheck.oneof(
  FastCheck.constantFrom<unknown>(
    null,
    "",
    "NaN",
    "..",
    "\ud83d",
    -1,
    1e308,
    "x".repeat(10_000),
    [],
    {},
    [null],
    { toString: null },
    true,
    "1970-01-01T00:00:00Z",
    "never"
  ),
  FastCheck.jsonValue({ maxDepth: 4 })
)

const goodBodies: ReadonlyArray<object> = [
  checkOf(),
  running,
  statusOf([generation(1), generation(2)]),
  { id: jobId, kudos: 1 },
  { message: "OK", version: "1" },
  { message: "no", rc: "TimeoutIP", errors: { a: "b" } },
  {
    id: "00000000-0000-4000-8000-000000000001",
    username: "owner#1",
    kudos: 5,
    utilized: 0,
    expiry: "Wed, 25 Nov 2026 03:34:28 -0000",
    max_image_pixels: -1,
    max_image_steps: -1,
    max_text_tokens: -1
  },
  { username: "owner#1", id: 1, kudos: 5, sharedkey_ids: ["a"], active_generations: { image: [jobId] }, records: {} },
  { prompt: "a bay", params: { n: 1, loras: [{ name: "x" }] } }
]

/** A valid body in which some values, at any depth, are replaced. */
const mangled = FastCheck.tuple(
  FastCheck.constantFrom(...goodBodies),
  FastCheck.array(oddValues, { maxLength: 3 }),
  FastCheck.nat()
).map(([body, odd, seed]) => {
  const copy = JSON.parse(JSON.stringify(body))
  odd.forEach((value, index) => {
    let at = copy
    let path = seed + index * 7
    for (;;) {
      const names = Object.keys(at)
      const name = names[path % Math.max(1, names.length)]
      if (name === undefined) return
      path = Math.floor(path / 3)
      if (typeof at[name] === "object" && at[name] !== null && path % 2 === 0) at = at[name]
      else {
        at[name] = structuredClone(value)
        return
      }
    }
  })
  return copy
})

const bodies = FastCheck.oneof(
  { weight: 5, arbitrary: mangled.map((body) => JSON.stringify(body)) },
  mangled.map((body) => JSON.stringify(body).slice(0, -2)),
  mangled.map((body) => JSON.stringify(body).replaceAll("null", "None").replaceAll(":1", ":NaN")),
  oddValues.map((value) => JSON.stringify(value)),
  FastCheck.constantFrom("", "<h1>page</h1>", "{", "null", "[]", "\u0000", "[".repeat(20_000), '{"a":'.repeat(5000))
)

const header = FastCheck.constantFrom(
  "0",
  "-1",
  "1e300",
  "Infinity",
  "NaN",
  "",
  "soon",
  "999999999999999999999",
  "Fri, 31 Dec 9999 23:59:59 GMT",
  "2"
)

const answers: FastCheck.Arbitrary<Answer> = FastCheck.record({
  status: FastCheck.constantFrom(
    200,
    200,
    200,
    202,
    202,
    204,
    301,
    302,
    400,
    401,
    403,
    404,
    405,
    418,
    423,
    429,
    500,
    502,
    503,
    520
  ),
  body: bodies,
  headers: FastCheck.dictionary(
    FastCheck.constantFrom(
      "retry-after",
      "x-ratelimit-limit",
      "x-ratelimit-remaining",
      "x-ratelimit-reset",
      "location"
    ),
    header
  )
})

const key = SharedKeys.sharedKeyId("00000000-0000-4000-8000-000000000001")
const id = Job.GenerationRequestId.make(jobId)
const short = { deadline: "2 minutes" } as const

const endpoints: Readonly<Record<string, Effect.Effect<unknown, unknown, Horde.Services>>> = {
  create: SharedKeys.create({ kudos: 1 }),
  get: SharedKeys.get(key),
  modify: SharedKeys.modify(key, { kudos: 1 }),
  remove: SharedKeys.remove(key),
  scopedKey: Effect.scoped(SharedKeys.scoped({ kudos: 1 })),
  submit: submitCall({ prompt: "a bay" }),
  price: ImageGeneration.price({ prompt: "a bay" }),
  check: ImageGeneration.check(id),
  status: ImageGeneration.status(id),
  cancel: ImageGeneration.cancel(id),
  submitted: ImageGeneration.submitted(id),
  download: ImageGeneration.download(id),
  heartbeat: Status.heartbeat,
  me: Users.me,
  user: Users.get(2),
  withReply: Endpoint.withReply(Status.heartbeat),
  generate: ImageGeneration.generate({ prompt: "a bay", params: { n: 2 } }, short),
  arriving: ImageGeneration.generate({ prompt: "a bay", params: { n: 2 } }, { ...short, results: "as they arrive" }),
  job: Effect.scoped(
    Effect.flatMap(ImageGeneration.submit({ prompt: "a bay" }, short), (job) =>
      Effect.zip(Effect.either(job.result), Effect.either(job.cancel))
    )
  ),
  recover: Effect.scoped(Recovery.recover({ kinds: Horde.kinds, policy: "resume" }))
}

const over = (script: ReadonlyArray<Answer>) =>
  Horde.layer({ baseUrl }).pipe(
    Layer.provide(server((_, index) => script[index % script.length] ?? json(200, {})).layer)
  )

describe("hostile replies", () => {
  for (const [name, run] of Object.entries(endpoints)) {
    it.effect(`${name} succeeds or fails with a typed error, whatever the reply`, () =>
      forAll(
        FastCheck.array(answers, { minLength: 1, maxLength: 4 }),
        (script) =>
          Effect.gen(function* () {
            assertTyped(yield* inTime(Effect.provide(run, over(script))), JSON.stringify(script).slice(0, 1000))
          }),
        40
      )
    )
  }

  it.effect("a submitted job succeeds or fails with a typed error, whatever the next replies", () =>
    forAll(
      FastCheck.array(answers, { minLength: 1, maxLength: 6 }),
      (script) =>
        Effect.gen(function* () {
          const accepted = json(202, { id: jobId, kudos: 1 })
          const run = ImageGeneration.generate({ prompt: "a bay", params: { n: 2 } }, short)
          const exit = yield* inTime(Effect.provide(run, over([accepted, ...script])))
          assertTyped(exit, JSON.stringify(script).slice(0, 1000))
        }),
      15
    )
  )
})
