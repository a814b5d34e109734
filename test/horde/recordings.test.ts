/**
 * Every recorded reply of the real server to an endpoint of the SDK is decoded: to a value, or to the error of its
 * status and code.
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import { type Answer, endpoints, json, server } from "../support/scripted.js"
import { rawSubmit, runToEnd } from "../support/virtualTime.js"
import type { EndpointsOf } from "../types/endpointsOf.js"

interface Row {
  readonly file: string
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string | null>>
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly text?: string
  }
}

const folder = new URL("../recordings/", import.meta.url)

const rows: ReadonlyArray<Row> = readdirSync(folder)
  .filter((file) => file.endsWith(".jsonl"))
  .flatMap((file) =>
    readFileSync(new URL(file, folder), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ file, ...JSON.parse(line) }))
  )
  .filter((row) => row.response !== undefined)

type Services =
  | EndpointsOf<typeof SharedKeys>
  | EndpointsOf<typeof ImageGeneration>
  | EndpointsOf<typeof TextGeneration>
  | EndpointsOf<typeof Status>
  | EndpointsOf<typeof Users>

type Asked = Effect.Effect<object, unknown, Services>

const input = { prompt: "a quiet bay" }
const key = SharedKeys.sharedKeyId
const idOf = (id: string) => Job.GenerationRequestId.make(id)
const job = (id: string) => ({ params: { id: idOf(id) } })

/** The endpoint of a recorded request; other requests (wrong methods, other resources) have none. */
const endpointsByRoute: ReadonlyArray<readonly [string, RegExp, string, (id: string) => Asked]> = [
  ["PUT", /^\/api\/v2\/sharedkeys$/, "SharedKeys.Create", () => SharedKeys.create({ kudos: 1 })],
  ["GET", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Get", (id) => SharedKeys.get(key(id))],
  ["PATCH", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Modify", (id) => SharedKeys.modify(key(id), { kudos: 1 })],
  ["DELETE", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Delete", (id) => SharedKeys.remove(key(id))],
  ["POST", /^\/api\/v2\/generate\/async$/, "ImageGeneration.Submit", () => Effect.scoped(rawSubmit(input))],
  [
    "GET",
    /^\/api\/v2\/generate\/check\/([^/?]+)$/,
    "ImageGeneration.Check",
    (id) => Effect.flatMap(ImageGeneration.Check, (call) => call(job(id)))
  ],
  [
    "GET",
    /^\/api\/v2\/generate\/status\/([^/?]+)$/,
    "ImageGeneration.Status",
    (id) => Effect.flatMap(ImageGeneration.Status, (call) => call(job(id)))
  ],
  [
    "DELETE",
    /^\/api\/v2\/generate\/status\/([^/?]+)$/,
    "ImageGeneration.Cancel",
    (id) => Effect.flatMap(ImageGeneration.Cancel, (call) => call(job(id)))
  ],
  [
    "POST",
    /^\/api\/v2\/generate\/text\/async$/,
    "TextGeneration.Submit",
    () => Effect.scoped(Effect.flatMap(TextGeneration.Submit, (call) => call({ payload: input })))
  ],
  [
    "GET",
    /^\/api\/v2\/generate\/text\/status\/([^/?]+)$/,
    "TextGeneration.Status",
    (id) => TextGeneration.status(idOf(id))
  ],
  [
    "DELETE",
    /^\/api\/v2\/generate\/text\/status\/([^/?]+)$/,
    "TextGeneration.Cancel",
    (id) => TextGeneration.cancel(idOf(id))
  ],
  ["GET", /^\/api\/v2\/status\/heartbeat$/, "Status.Heartbeat", () => Status.heartbeat],
  ["GET", /^\/api\/v2\/status\/modes$/, "Status.Modes", () => Status.modes],
  ["GET", /^\/api\/v2\/find_user$/, "Users.Find", () => Users.me],
  ["GET", /^\/api\/v2\/users\/(\d+)$/, "Users.Get", (id) => Users.get(Number(id))]
]

const endpointOf = ({ request, response }: Row): readonly [string, Asked] | undefined => {
  for (const [method, path, name, ask] of endpointsByRoute) {
    const found = request.method === method ? path.exec(request.path) : null
    if (found === null) continue
    // only a dry run returns 200
    if (name === "ImageGeneration.Submit" && response.status === 200) {
      return ["ImageGeneration.Price", ImageGeneration.price(input)]
    }
    if (name === "TextGeneration.Submit" && response.status === 200) {
      return ["TextGeneration.Price", TextGeneration.price(input)]
    }
    return [name, ask(found[1] ?? "")]
  }
  return undefined
}

/** Status and code, and the error that they become. */
const meanings: Readonly<Record<string, string>> = {
  "400 -": "BadRequest",
  "400 BadCFGDecimals": "BadRequest",
  "400 BadRequest": "BadRequest",
  "400 ImageValidationFailed": "BadRequest",
  "400 MissingPrompt": "BadRequest",
  "400 NoSharedKeyModSelected": "BadRequest",
  "400 NulByteInPayload": "BadRequest",
  "400 TokenOverflow": "BadRequest",
  "401 InvalidAPIKey": "Unauthorized",
  "403 DeletedUser": "Forbidden",
  "403 Forbidden": "Forbidden",
  "403 TimeoutIP": "Forbidden",
  "403 KudosUpfront": "KudosRefused",
  "403 SharedKeyEmpty": "KudosRefused",
  "403 SharedKeyExpired": "KudosRefused",
  "403 SharedKeyInsufficientKudos": "KudosRefused",
  "404 RequestNotFound": "NotFound",
  "404 StyleNotFound": "NotFound",
  "404 UserNotFound": "NotFound",
  "404 WorkerNotFound": "NotFound",
  "429 -": "RateLimited",
  "429 TooManyPrompts": "TooManyJobs",
  "500 -": "ServerError"
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A reply that a client had cut with `X-Fields`, and that the server then returns to others from its cache. */
const isCut = ({ name, response: { body } }: Row): boolean =>
  /X-Fields|right after/.test(name) && isRecord(body) && Object.keys(body).length < 3 && body["message"] === undefined

const expected = (row: Row): string => {
  const { body, status } = row.response
  if (status < 400) return isCut(row) ? "UnexpectedResponse" : "a value"
  const rc = isRecord(body) && typeof body["rc"] === "string" ? body["rc"] : "-"
  return meanings[`${status} ${rc}`] ?? `nothing that the table knows: ${status} ${rc}`
}

const answerOf = ({ response: { body, headers, status, text } }: Row): Answer => ({
  status,
  headers,
  body: body === undefined ? (text ?? "") : JSON.stringify(body)
})

/** Plain values arrive as they were sent; ids and dates have their own types here. */
const assertSame = (wire: unknown, value: unknown, where: string): void => {
  if (!isRecord(wire) || !isRecord(value)) return
  for (const [name, sent] of Object.entries(wire)) {
    const got = value[name]
    if (sent === null) assert.notStrictEqual(got, null, `${where}.${name}`)
    else if (name === "id") assert.strictEqual(Redacted.isRedacted(got) ? Redacted.value(got) : got, sent)
    else if (Array.isArray(sent)) {
      for (const [index, item] of sent.entries()) assertSame(item, (got as any)[index], `${where}.${name}`)
    } else if (typeof sent !== "object" && name !== "expiry") assert.strictEqual(got, sent, `${where}.${name}`)
  }
}

const read = (row: Row, asked: Asked) => {
  const script = server((_, index) => (index === 0 ? answerOf(row) : json(404, { message: "", rc: "RequestNotFound" })))
  // a cancel of a new job that the server does not know is repeated for some seconds
  return runToEnd(Effect.provide(Effect.exit(asked), endpoints().pipe(Layer.provide(script.layer)))).pipe(
    Effect.orDie,
    Effect.map((exit) => ({ exit, sent: script.sent }))
  )
}

const ours = rows.flatMap((row) => {
  const found = endpointOf(row)
  return found === undefined ? [] : [{ row, name: found[0], asked: found[1] }]
})

describe("recorded replies", () => {
  it.effect("each recorded reply becomes a value, or the error of its status and code", () =>
    Effect.gen(function* () {
      const seen: Record<string, number> = {}
      for (const { asked, name, row } of ours) {
        const where = `${row.file} "${row.name}"`
        const { exit, sent } = yield* read(row, asked)
        const [first] = sent
        assert.strictEqual(first?.method, row.request.method, where)
        assert.strictEqual(
          first?.url.pathname.replaceAll(/%3C|%3E/g, ""),
          row.request.path.replaceAll(/[<>]/g, ""),
          where
        )
        if (Exit.isSuccess(exit)) {
          assert.strictEqual("a value", expected(row), where)
          assertSame(row.response.body, exit.value, where)
        } else {
          assert.isEmpty([...Cause.defects(exit.cause)], where)
          const error = Cause.squash(exit.cause)
          if (!HordeError.isHordeError(error)) throw new Error(`${where}: not an error of the library`)
          assert.strictEqual(error._tag, expected(row), where)
          assert.strictEqual(error.status, row.response.status, where)
          const rc = isRecord(row.response.body) ? row.response.body["rc"] : undefined
          assert.strictEqual(error.rc, rc, where)
        }
        const result = `${name}: ${expected(row)}`
        seen[result] = (seen[result] ?? 0) + 1
      }
      // the least that must be found, so that a test without any recordings fails
      assert.isAtLeast(ours.length, 180)
      const least: Readonly<Record<string, number>> = {
        "SharedKeys.Create: a value": 14,
        "SharedKeys.Create: BadRequest": 1,
        "SharedKeys.Create: ServerError": 3,
        "SharedKeys.Create: Forbidden": 1,
        "SharedKeys.Get: a value": 4,
        "SharedKeys.Get: Unauthorized": 5,
        "SharedKeys.Get: RateLimited": 3,
        "SharedKeys.Get: UnexpectedResponse": 2,
        "SharedKeys.Modify: a value": 3,
        "SharedKeys.Modify: Forbidden": 1,
        "SharedKeys.Delete: a value": 2,
        "SharedKeys.Delete: Forbidden": 2,
        "ImageGeneration.Submit: a value": 20,
        "ImageGeneration.Submit: BadRequest": 15,
        "ImageGeneration.Submit: KudosRefused": 4,
        "ImageGeneration.Submit: NotFound": 2,
        "ImageGeneration.Submit: TooManyJobs": 1,
        "ImageGeneration.Submit: ServerError": 3,
        "ImageGeneration.Price: a value": 3,
        "ImageGeneration.Check: a value": 20,
        "ImageGeneration.Check: UnexpectedResponse": 2,
        "ImageGeneration.Check: RateLimited": 3,
        "ImageGeneration.Status: a value": 7,
        "ImageGeneration.Status: RateLimited": 2,
        "ImageGeneration.Cancel: a value": 6,
        "ImageGeneration.Cancel: NotFound": 4,
        "TextGeneration.Submit: a value": 4,
        "TextGeneration.Submit: BadRequest": 3,
        "TextGeneration.Submit: ServerError": 1,
        "TextGeneration.Price: a value": 1,
        "TextGeneration.Status: a value": 9,
        "TextGeneration.Status: NotFound": 1,
        "TextGeneration.Cancel: a value": 2,
        "Status.Heartbeat: a value": 1,
        "Status.Modes: a value": 3,
        "Users.Find: a value": 6,
        "Users.Find: Unauthorized": 1,
        "Users.Find: NotFound": 1,
        "Users.Get: a value": 7,
        "Users.Get: NotFound": 1
      }
      for (const [result, count] of Object.entries(least)) assert.isAtLeast(seen[result] ?? 0, count, result)
    })
  )

  it("each code in the table of errors was recorded", () => {
    const recorded = new Set(ours.map(({ row }) => expected(row)))
    for (const tag of Object.values(meanings)) assert.include([...recorded], tag)
  })

  it.effect("the fields that the server names are in the error", () =>
    Effect.gen(function* () {
      const found = ours.filter(({ row }) => isRecord(row.response.body) && "errors" in row.response.body)
      assert.isAtLeast(found.length, 12)
      for (const { asked, row } of found) {
        const { exit } = yield* read(row, asked)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (!(error instanceof HordeError.BadRequest)) throw new Error(`${row.name}: ${String(error)}`)
        assert.deepStrictEqual(error.errors, (row.response.body as any).errors, row.name)
        assert.isUndefined(error.rc)
      }
    })
  )

  it.effect("the end of a limiter's window is that of the header alone", () =>
    Effect.gen(function* () {
      const found = ours.filter(({ row }) => expected(row) === "RateLimited")
      for (const { asked, row } of found) {
        const { exit } = yield* read(row, asked)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (!(error instanceof HordeError.RateLimited)) throw new Error(`${row.name}: ${String(error)}`)
        const seconds = Number(row.response.headers["retry-after"])
        assert.deepStrictEqual(error.retryAfter, Duration.seconds(seconds), row.name)
        assert.isTrue(error.isRetryable)
      }
    })
  )
})
