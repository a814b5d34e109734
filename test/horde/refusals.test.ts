/** Refusals as the real server sends them, and the error that each becomes. */
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import { Ticket } from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { type Answer, answering, json, type Services } from "../support/scripted.js"
import { rawSubmit } from "../support/virtualTime.js"

const keyId = SharedKeys.sharedKeyId("00000000-0000-4000-8000-000000000001")
const params = { id: Job.GenerationRequestId.make("00000000-0000-4000-8000-00000000000a") }

const submit = Effect.scoped(rawSubmit({ prompt: "a quiet bay" }))
const check = Effect.flatMap(ImageGeneration.Check, (call) => call({ params }))
const cancel = Effect.flatMap(ImageGeneration.Cancel, (call) => call({ params }))
const price = ImageGeneration.price({ prompt: "a quiet bay" })
const get = SharedKeys.get(keyId)
const create = SharedKeys.create({ kudos: 1 })
const modify = SharedKeys.modify(keyId, { kudos: 1 })

/** The error of a call whose reply is `answer`; any other result fails the test. */
const failure = (call: Effect.Effect<unknown, unknown, Services>, answer: Answer): Effect.Effect<any> =>
  Effect.flip(call).pipe(
    Effect.provide(answering(answer)),
    Effect.map((error) => {
      if (!HordeError.isHordeError(error)) throw new Error(`not an error of the library: ${String(error)}`)
      return error
    }),
    Effect.orDie
  )

const html = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body: `<!doctype html><html lang="en"><title>${status}</title><h1>Oh no</h1></html>`
})

const refused = (status: number, rc: string, message = "the server's own words") => json(status, { message, rc })

const status = Effect.flatMap(ImageGeneration.Status, (call) => call({ params }))

const calls = { submit, check, status, cancel, price, get, create, modify, heartbeat: Status.heartbeat }

interface Case {
  readonly call: keyof typeof calls
  readonly answer: Answer
  readonly tag: HordeError.CallError["_tag"]
  readonly retryable?: boolean
  readonly message?: RegExp
}

const words = /^the server's own words$/

const cases: Readonly<Record<string, Case>> = {
  "a failed validation": {
    call: "submit",
    answer: json(400, { errors: { prompt: "is too short" }, message: "Input payload validation failed" }),
    tag: "BadRequest",
    message: /^Input payload validation failed$/
  },
  "a refusal with a code": { call: "submit", answer: refused(400, "TooManySteps"), tag: "BadRequest", message: words },
  "an unknown code": { call: "submit", answer: refused(400, "Brand New."), tag: "BadRequest" },
  "an unknown account": { call: "submit", answer: refused(401, "InvalidAPIKey"), tag: "Unauthorized", message: words },
  "an unknown shared key": {
    call: "get",
    answer: refused(401, "InvalidAPIKey"),
    tag: "Unauthorized",
    message: /^no shared key has this id \(the server: the server's own words\)$/
  },
  "an unknown shared key, or an invalid key": {
    call: "modify",
    answer: refused(401, "InvalidAPIKey"),
    tag: "Unauthorized",
    message: /^no account has this API key, or no shared key has this id/
  },
  "a foreign key": { call: "modify", answer: refused(403, "Forbidden"), tag: "Forbidden", message: words },
  "too many keys": { call: "create", answer: refused(403, "Forbidden"), tag: "Forbidden" },
  "an unknown request": { call: "check", answer: refused(404, "RequestNotFound"), tag: "NotFound", message: words },
  "an unknown worker": { call: "submit", answer: refused(404, "WorkerNotFound"), tag: "NotFound" },
  "an unknown request to cancel": { call: "cancel", answer: refused(404, "RequestNotFound"), tag: "NotFound" },
  "the limiter": {
    call: "check",
    answer: json(429, { message: "10 per 1 second" }),
    tag: "RateLimited",
    retryable: true
  },
  "too many pictures": { call: "submit", answer: refused(429, "TooManyPrompts"), tag: "TooManyJobs", retryable: true },
  maintenance: { call: "submit", answer: refused(400, "MaintenanceMode"), tag: "Maintenance", retryable: true },
  "maintenance, when priced": {
    call: "price",
    answer: refused(400, "MaintenanceMode"),
    tag: "Maintenance",
    retryable: true
  },
  "no kudos upfront": { call: "submit", answer: refused(403, "KudosUpfront"), tag: "KudosRefused" },
  "an empty shared key": { call: "submit", answer: refused(403, "SharedKeyEmpty"), tag: "KudosRefused" },
  "an expired shared key": { call: "price", answer: refused(403, "SharedKeyExpired"), tag: "KudosRefused" },
  "a shared key short of kudos": {
    call: "submit",
    answer: refused(403, "SharedKeyInsufficientKudos"),
    tag: "KudosRefused"
  },
  "a shared key bound to styles": {
    call: "submit",
    answer: refused(403, "SharedKeyAssignedStyles"),
    tag: "KudosRefused"
  },
  "a deleted user": { call: "submit", answer: refused(403, "DeletedUser"), tag: "Forbidden" },
  "a failure of the server's own": {
    call: "submit",
    answer: json(500, { message: "Internal Server Error" }),
    tag: "ServerError",
    retryable: true
  },
  // no JSON, or other JSON than expected
  "an HTML 404": { call: "check", answer: html(404), tag: "UnexpectedResponse", retryable: true, message: /base URL/ },
  "an HTML 404 where nothing is declared": {
    call: "heartbeat",
    answer: html(404),
    tag: "UnexpectedResponse",
    retryable: true
  },
  "the page of a server that does not have the path": {
    call: "check",
    answer: {
      status: 404,
      body: "<title>404 Not Found</title><p>The requested URL was not found on the server. Check your spelling.</p>"
    },
    tag: "UnexpectedResponse",
    message: /no such path/
  },
  "an HTML 502": {
    call: "check",
    answer: html(502),
    tag: "ServerError",
    retryable: true,
    message: /502 without a JSON/
  },
  "an HTML 429": { call: "check", answer: html(429), tag: "RateLimited", retryable: true },
  "an HTML 400": { call: "get", answer: html(400), tag: "UnexpectedResponse", retryable: true, message: /base URL/ },
  "an HTML 400 on a status": { call: "status", answer: html(400), tag: "UnexpectedResponse", retryable: true },
  "an HTML 403 of a proxy's challenge": {
    call: "check",
    answer: html(403),
    tag: "UnexpectedResponse",
    retryable: true
  },
  "an HTML 403 on a cancel": { call: "cancel", answer: html(403), tag: "UnexpectedResponse", retryable: true },
  "an HTML 401 on a modify": { call: "modify", answer: html(401), tag: "UnexpectedResponse", retryable: true },
  "an HTML 403 on a submit": { call: "submit", answer: html(403), tag: "OutcomeUnknown", message: /base URL/ },
  "an HTML 400 on a create": { call: "create", answer: html(400), tag: "OutcomeUnknown" },
  "an HTML 404 on a submit": { call: "submit", answer: html(404), tag: "OutcomeUnknown", message: /base URL/ },
  "an HTML 429 on a submit": { call: "submit", answer: html(429), tag: "OutcomeUnknown" },
  "an empty 500": { call: "get", answer: { status: 500 }, tag: "ServerError", retryable: true },
  "an empty 401": { call: "get", answer: { status: 401 }, tag: "UnexpectedResponse", retryable: true },
  "truncated JSON": {
    call: "check",
    answer: { status: 404, headers: { "content-type": "application/json" }, body: '{"message": "no such req' },
    tag: "UnexpectedResponse",
    retryable: true
  },
  "JSON under another name": {
    call: "check",
    answer: { ...refused(404, "RequestNotFound"), headers: { "content-type": "text/plain" } },
    tag: "NotFound",
    message: words
  },
  "a JSON list": { call: "check", answer: json(400, ["no"]), tag: "UnexpectedResponse", retryable: true },
  "a JSON number": { call: "check", answer: json(503, 7), tag: "ServerError", retryable: true },
  "a JSON null": { call: "get", answer: json(400, null), tag: "UnexpectedResponse", retryable: true },
  "a message that is no text": {
    call: "get",
    answer: json(400, { message: { a: 1 }, rc: 5, errors: "x" }),
    tag: "UnexpectedResponse",
    retryable: true
  },
  // errors that the endpoint does not declare
  "a code that the endpoint cannot have": {
    call: "get",
    answer: refused(404, "RequestNotFound"),
    tag: "UnexpectedResponse"
  },
  "403 where it is not declared": { call: "get", answer: refused(403, "Forbidden"), tag: "UnexpectedResponse" },
  "401 where no key is sent": { call: "check", answer: refused(401, "InvalidAPIKey"), tag: "UnexpectedResponse" },
  "a limiter's reply without a limiter": {
    call: "heartbeat",
    answer: json(429, { message: "2 per 1 second" }),
    tag: "UnexpectedResponse"
  },
  "405": { call: "get", answer: json(405, { message: "no" }, { allow: "PUT" }), tag: "UnexpectedResponse" },
  "418": { call: "submit", answer: refused(418, "Teapot"), tag: "UnexpectedResponse" },
  // successes that are none
  "a redirect": {
    call: "get",
    answer: { status: 302, headers: { location: "https://login.example/portal?id=1" } },
    tag: "UnexpectedResponse",
    retryable: true,
    message: /redirected to login\.example \(HTTP 302\); .*base URL/
  },
  "a redirected submit": {
    call: "submit",
    answer: { status: 307, headers: { location: "https://login.example/portal" } },
    tag: "OutcomeUnknown",
    message: /redirected to login\.example.*unknown.*base URL/
  },
  "a captive portal's page on a submit": {
    call: "submit",
    answer: html(200),
    tag: "OutcomeUnknown",
    message: /HTTP 200 without a JSON body.*unknown.*base URL/
  },
  "204": { call: "get", answer: { status: 204 }, tag: "UnexpectedResponse", retryable: true },
  "201 with the right body": { call: "heartbeat", answer: json(201, { message: "OK" }), tag: "UnexpectedResponse" },
  "a page where JSON was expected": {
    call: "heartbeat",
    answer: html(200),
    tag: "UnexpectedResponse",
    retryable: true
  },
  "an empty success": { call: "check", answer: { status: 200 }, tag: "UnexpectedResponse", retryable: true },
  "a success without a required field": {
    call: "check",
    answer: json(200, { done: true }),
    tag: "UnexpectedResponse"
  },
  "a success that is a list": { call: "get", answer: json(200, []), tag: "UnexpectedResponse" },
  // calls that create something, with an unknown outcome
  "an HTML 502 on a submit": { call: "submit", answer: html(502), tag: "OutcomeUnknown" },
  "an HTML 500 on a create": { call: "create", answer: html(500), tag: "OutcomeUnknown" },
  "a JSON 504 on a create": { call: "create", answer: json(504, { message: "late" }), tag: "OutcomeUnknown" },
  "a JSON 503 on a submit": {
    call: "submit",
    answer: json(503, { message: "busy" }),
    tag: "ServerError",
    retryable: true
  },
  "202 without an id": { call: "submit", answer: json(202, { kudos: 3 }), tag: "OutcomeUnknown" },
  "a created key that cannot be decoded": { call: "create", answer: json(200, { kudos: 3 }), tag: "OutcomeUnknown" }
}

const where: { readonly [call in Case["call"]]: readonly [method: string, path: string] } = {
  submit: ["POST", "/v2/generate/async"],
  price: ["POST", "/v2/generate/async"],
  check: ["GET", "/v2/generate/check/:id"],
  status: ["GET", "/v2/generate/status/:id"],
  cancel: ["DELETE", "/v2/generate/status/:id"],
  get: ["GET", "/v2/sharedkeys/:id"],
  modify: ["PATCH", "/v2/sharedkeys/:id"],
  create: ["PUT", "/v2/sharedkeys"],
  heartbeat: ["GET", "/v2/status/heartbeat"]
}

const rcOf = (answer: Answer): unknown => {
  try {
    const { message, rc } = JSON.parse(answer.body ?? "")
    return typeof rc === "string" && typeof message === "string" ? rc : undefined
  } catch {
    return undefined
  }
}

describe("refusals", () => {
  for (const [name, { answer, call, message, retryable = false, tag }] of Object.entries(cases)) {
    it.effect(`${name} (${call}, ${answer.status}) becomes ${tag}`, () =>
      Effect.gen(function* () {
        const error = yield* failure(calls[call], answer)
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error.status, answer.status)
        assert.strictEqual(error.rc, rcOf(answer))
        assert.deepStrictEqual([error.method, error.path], where[call])
        assert.strictEqual(error.isRetryable, retryable)
        assert.isAbove(error.message.length, 0)
        if (message !== undefined) assert.match(error.message, message)
        // a page is not a message
        assert.notInclude(error.message, "<")
      })
    )
  }

  it.effect("an error has the fields that the server names", () =>
    Effect.gen(function* () {
      const errors = { "params.width": "65 is not a multiple of 64", prompt: "is required" }
      const error = yield* failure(submit, json(400, { message: "Input payload validation failed", errors }))
      assert.deepStrictEqual(error.errors, errors)
      assert.isUndefined(error.rc)
    })
  )

  it.effect("the limiter's 429 has the retry time of the header or of its message", () =>
    Effect.gen(function* () {
      const waits: ReadonlyArray<readonly [string | undefined, string, number | undefined]> = [
        ["7", "10 per 1 second", 7],
        ["0", "10 per 1 second", 0],
        ["1.5", "10 per 1 second", 1.5],
        ["-3", "10 per 1 second", 0],
        ["Thu, 01 Jan 1970 00:00:09 GMT", "10 per 1 second", 9],
        ["soon", "slow down", undefined],
        ["", "slow down", undefined],
        [undefined, "slow down", undefined],
        [undefined, "90 per 1 minute", 60],
        [undefined, "2 per 1 second", 1]
      ]
      for (const [header, message, seconds] of waits) {
        const headers = header === undefined ? {} : { "retry-after": header }
        const error = yield* failure(check, json(429, { message }, headers))
        const wait = seconds === undefined ? undefined : Duration.toMillis(Duration.seconds(seconds))
        assert.strictEqual(error.retryAfter && Duration.toMillis(error.retryAfter), wait, `${header} ${message}`)
      }
    })
  )

  it.effect("an error ignores the `Retry-After` of replies that are not about retries", () =>
    Effect.gen(function* () {
      const about = { "retry-after": "7" }
      for (const answer of [
        json(429, { message: "too many", rc: "TooManyPrompts" }, about),
        json(400, { message: "no", rc: "CorruptPrompt" }, about),
        json(503, { message: "busy" }, { ...about, "x-ratelimit-limit": "2" })
      ]) {
        assert.isUndefined((yield* failure(submit, answer)).retryAfter)
      }
    })
  )

  it.effect("a 503 or a gateway's reply has the retry time of its header unless the limiter sent it", () =>
    Effect.gen(function* () {
      for (const answer of [
        json(503, { message: "busy" }, { "retry-after": "4" }),
        html(503, { "retry-after": "4" }),
        html(403, { "retry-after": "4" }),
        json(500, { message: "Internal Server Error" }, { "retry-after": "4" })
      ]) {
        assert.deepStrictEqual((yield* failure(check, answer)).retryAfter, Duration.seconds(4), answer.body)
      }
    })
  )

  it.effect("a 429 with any code has its retry time", () =>
    Effect.gen(function* () {
      const answer = json(429, { message: "slow down", rc: "TooFast" }, { "retry-after": "9" })
      const error = yield* failure(check, answer)
      assert.strictEqual(error._tag, "RateLimited")
      assert.strictEqual(error.rc, "TooFast")
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(9))
    })
  )

  it.effect("a time-out of an address has the remaining seconds", () =>
    Effect.gen(function* () {
      const said: ReadonlyArray<readonly [string, number | undefined]> = [
        ["Please try again in 120 more seconds", 120],
        ["3599 seconds left", 3599],
        ["Wait 42.7 seconds", 42],
        ["Access has been denied", undefined]
      ]
      for (const [message, seconds] of said) {
        const error = yield* failure(submit, refused(403, "TimeoutIP", message))
        assert.strictEqual(error._tag, "Forbidden")
        assert.isTrue(error.isRetryable)
        assert.deepStrictEqual(error.retryAfter, seconds === undefined ? undefined : Duration.seconds(seconds), message)
      }
      const other = yield* failure(submit, refused(403, "Forbidden", "wait 30 seconds"))
      assert.isUndefined(other.retryAfter)
      assert.isFalse(other.isRetryable)
    })
  )
})

describe("HordeError", () => {
  const call = { message: "words", method: "GET", path: "/v2/sharedkeys/:id" }
  const refusal = { ...call, status: 429, rc: "Some.Code", retryAfter: Duration.seconds(7) }
  const ticket = Ticket.make({
    version: 1,
    kind: "image",
    id: Redacted.make("00000000-0000-4000-8000-00000000000a"),
    expected: 2,
    submittedAt: DateTime.unsafeMake(0),
    deadline: DateTime.unsafeMake(60_000)
  })
  const job = { ...call, ticket, partial: [{ id: "a" }] }

  const every: ReadonlyArray<HordeError.HordeError> = [
    new HordeError.InvalidRequest({ ...call, errors: { "payload.kudos": "must be an integer" } }),
    new HordeError.BadRequest({ ...refusal, errors: { kudos: "is no number" } }),
    new HordeError.BadRequest({ ...call, status: 400 }),
    new HordeError.Unauthorized(refusal),
    new HordeError.Forbidden(refusal),
    new HordeError.KudosRefused(refusal),
    new HordeError.NotFound(refusal),
    new HordeError.Locked(refusal),
    new HordeError.RateLimited(refusal),
    new HordeError.TooManyJobs(refusal),
    new HordeError.Maintenance(refusal),
    new HordeError.ServerError(refusal),
    new HordeError.UnexpectedResponse(refusal),
    new HordeError.TransportError({ ...call, reason: "Lost" }),
    new HordeError.OutcomeUnknown({ ...call, status: 502 }),
    new HordeError.OutcomeUnknown(call),
    new HordeError.JournalFailed({ ...call, reason: "Unavailable" }),
    new HordeError.JobFaulted({ ...job, reason: "short" }),
    new HordeError.JobImpossible({ ...job, models: [] }),
    new HordeError.JobTimedOut(job),
    new HordeError.JobExpired(job),
    new HordeError.JobCancelled(job),
    new HordeError.DownloadFailed({ ...job, reason: "TooLarge" })
  ]

  it("each error is encoded and decoded as the same class with all fields", () => {
    const Line = Schema.parseJson(HordeError.HordeError)
    for (const error of every) {
      const back: any = Schema.decodeSync(Line)(Schema.encodeSync(Line)(error))
      assert.strictEqual(back.constructor, error.constructor)
      assert.isTrue(HordeError.isHordeError(back))
      for (const field of ["_tag", "message", "method", "path", "status", "rc", "isRetryable", "reason", "errors"]) {
        assert.deepStrictEqual(back[field], (error as any)[field], `${error._tag}.${field}`)
      }
      assert.deepStrictEqual(back.partial, (error as any).partial)
      assert.deepStrictEqual(back.retryAfter, (error as any).retryAfter)
      if ("ticket" in error) assert.strictEqual(Redacted.value(back.ticket.id), Redacted.value(ticket.id))
    }
  })

  it("each error of the union is in the list above", () => {
    const known = HordeError.HordeError.members.map(({ _tag }) => _tag)
    assert.deepStrictEqual([...new Set(every.map(({ _tag }) => _tag))].sort(), [...known].sort())
  })

  it.effect("each error is caught by its tag", () =>
    Effect.gen(function* () {
      const status = yield* get.pipe(
        Effect.catchTag("Unauthorized", (error) => Effect.succeed(error.status)),
        Effect.provide(answering(refused(401, "InvalidAPIKey")))
      )
      assert.strictEqual(status, 401)
    })
  )
})
