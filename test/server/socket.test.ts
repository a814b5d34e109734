import * as Http from "node:http"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { call, status, submit } from "./raw.js"

const listening = Effect.provide(
  Layer.merge(HordeServer.layer({ port: 0, worker: { takes: "50 millis", startsAfter: 0 } }), FetchHttpClient.layer)
)

interface Got {
  readonly status: number | undefined
  readonly received: string
  readonly error: string | undefined
  readonly complete: boolean
}

/** Node's own client, which distinguishes a reset from a truncated body. */
const get = (url: string) =>
  Effect.async<Got>((resume) => {
    let received = ""
    const request = Http.get(url, { agent: false }, (response) => {
      const end = (error: string | undefined) =>
        resume(Effect.succeed({ status: response.statusCode, received, error, complete: response.complete }))
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        received += chunk
      })
      response.on("end", () => end(undefined))
      response.on("error", (error: NodeJS.ErrnoException) => end(error.code))
    })
    request.on("error", (error: NodeJS.ErrnoException) =>
      resume(Effect.succeed({ status: undefined, received, error: error.code, complete: false }))
    )
    return Effect.sync(() => request.destroy())
  })

describe("the server on a port", () => {
  it.live("a job is submitted, drawn, fetched and recorded over a socket", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/api$/)
      const id = yield* submit("a bay")
      yield* Effect.sleep("150 millis")
      const done = yield* status(id)
      assert.include(done, { done: true, finished: 1 })
      const link: string = done["generations"][0].img
      assert.isTrue(link.startsWith(server.url.replace("/api", "/objects/")))
      const picture = yield* Effect.flatMap(HttpClient.get(link), (response) => response.arrayBuffer)
      assert.isAbove(picture.byteLength, 500)
      const record = yield* call("GET", server.url.replace("/api", "/embedded/record"))
      assert.deepStrictEqual(record.body["jobs"], [JSON.parse(JSON.stringify((yield* server.jobs)[0]))])
      const [first] = record.body["exchanges"]
      assert.include(first, {
        method: "POST",
        route: "/v2/generate/async",
        account: "plain",
        requestId: id,
        status: 202
      })
      assert.strictEqual(record.body["exchanges"].length, 3)
      assert.include(first.headers, { apikey: Accounts.plainKey })
    }).pipe(listening)
  )

  it.live("a reset fault breaks the connection", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(Faults.reset("before", { times: 1 }), Faults.refuse({ times: 1 }))
      const reset = { status: undefined, received: "", error: "ECONNRESET", complete: false }
      assert.deepStrictEqual(yield* get(`${server.url}/v2/status/heartbeat`), reset)
      assert.deepStrictEqual(yield* get(`${server.url}/v2/status/heartbeat`), reset)
      assert.include(yield* get(`${server.url}/v2/status/heartbeat`), { status: 200, complete: true })
    }).pipe(listening)
  )

  it.live("a truncated reply ends in the middle", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(Faults.truncate({ times: 1 }))
      const cut = yield* get(`${server.url}/v2/status/heartbeat`)
      assert.include(cut, { status: 200, error: "ECONNRESET", complete: false })
      assert.match(cut.received, /^\{"message":"OK"/)
    }).pipe(listening)
  )

  it.live("a hanging reply does not prevent the server from closing", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(Faults.hang("after", { times: 1 }), Faults.hang("after", { times: 1, sends: "half" }))
      for (let count = 0; count < 2; count++) {
        yield* Effect.forkScoped(get(`${server.url}/v2/status/heartbeat`))
        yield* Effect.repeat(Effect.delay(server.exchanges, "10 millis"), { until: (all) => all.length > count })
      }
      assert.deepStrictEqual(
        (yield* server.exchanges).map(({ delivered }) => delivered),
        ["hanging", "hanging"]
      )
    }).pipe(listening, Effect.scoped)
  )

  it.live("HEAD, OPTIONS, wrong methods and unknown paths have the real server's replies", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const head = yield* call("HEAD", "/v2/status/heartbeat")
      assert.deepInclude(head, { status: 200, text: "" })
      const options = yield* call("OPTIONS", "/v2/generate/async")
      assert.include(options.headers, { allow: "POST, OPTIONS", "content-type": "text/html; charset=utf-8" })
      const wrong = yield* call("PATCH", "/v2/generate/async", { body: {} })
      assert.strictEqual(wrong.status, 405)
      assert.include(wrong.headers, { allow: "POST, OPTIONS", "content-type": "application/json; charset=utf-8" })
      const unknown = yield* get(`${server.url}/v2/nothing`)
      assert.strictEqual(unknown.status, 404)
      assert.match(unknown.received, /^<!doctype html>/)
    }).pipe(listening)
  )

  it.live("a port in use is an error", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const port = Number(new URL(server.url).port)
      const exit = yield* Effect.exit(Layer.build(HordeServer.layer({ port })))
      assert.strictEqual(exit._tag, "Failure")
    }).pipe(listening, Effect.scoped)
  )
})
