/** The maximum size and depth of a request's body. Larger ones are refused and leave nothing behind. */
import * as Net from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fetched, pop, put } from "./outside.js"
import { call, status, submit } from "./raw.js"

const inProcess = HordeServer.layerClient({ seed: 1, worker: false, limits: "raised" })
const onSocket = Layer.merge(
  HordeServer.layer({ port: 0, seed: 1, worker: false, limits: "raised" }),
  FetchHttpClient.layer
)

const most = 20 * 1024 * 1024

const ask = (body: object) => call("POST", "/v2/generate/async", { key: Accounts.plainKey, body })

const nested = (levels: number): unknown => {
  let value: unknown = {}
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { a: value } : [value]
  return value
}

/** `JSON.stringify` does not nest as deeply as this needs. */
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`

/** The body is sent in chunks of this many bytes, whatever the client would do. */
const inPieces = (url: string, text: string, size: number) =>
  Effect.async<string>((resume) => {
    const { hostname, port } = new URL(url)
    const socket = Net.connect(Number(port), hostname)
    let answer = ""
    socket.on("data", (data) => {
      answer += data.toString()
      if (answer.includes("\r\n\r\n")) {
        socket.destroy()
        resume(Effect.succeed(answer))
      }
    })
    const head = ["POST /api/v2/generate/async HTTP/1.1", `host: ${hostname}`, `apikey: ${Accounts.plainKey}`]
    socket.write([...head, "content-type: application/json", "transfer-encoding: chunked", "", ""].join("\r\n"))
    for (let at = 0; at < text.length; at += size) {
      const piece = text.slice(at, at + size)
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    }
    socket.write("0\r\n\r\n")
  })

describe("request bodies", () => {
  for (const [name, layer] of [
    ["in process", inProcess],
    ["on a socket", onSocket]
  ] as const) {
    it.live(`a body that is too large is refused ${name}`, () =>
      Effect.gen(function* () {
        const large = yield* ask({ prompt: "x".repeat(most) })
        assert.strictEqual(large.status, 413)
        assert.deepStrictEqual(Object.keys(large.body), ["message"])
        const jobs = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
        assert.isEmpty(jobs)
        // just below the limit it is read completely
        const small = yield* ask({ prompt: "x".repeat(most - 1000), params: { steps: 8 } })
        assert.strictEqual(small.status, 202)
        const [job] = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
        assert.strictEqual(job?.prompt.length, most - 1000)
      }).pipe(Effect.provide(layer))
    )
  }

  it.live("a picture in a body is stored unchanged, and refused if it is too large", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      const { body } = yield* pop()
      const bytes = new Uint8Array(1_000_000).map((_, index) => index * 7)
      assert.strictEqual((yield* put(body["r2_upload"], new Uint8Array(most + 1))).status, 413)
      assert.strictEqual((yield* put(body["r2_upload"], bytes)).status, 200)
      yield* call("POST", "/v2/generate/submit", {
        key: Accounts.workerKey,
        body: { id: body["id"], generation: "R2", seed: 1 }
      })
      const [generation] = (yield* status(id))["generations"]
      assert.deepStrictEqual((yield* fetched(generation.img)).bytes, bytes)
    }).pipe(Effect.provide(onSocket))
  )

  it.live("a body in many small chunks is joined", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const prompt = Array.from({ length: 20_000 }, (_, index) => `word ${index}`).join(" ")
      const answer = yield* inPieces(server.url, JSON.stringify({ prompt: "a", params: { steps: 8 }, x: prompt }), 100)
      assert.match(answer, /^HTTP\/1.1 202 /)
    }).pipe(Effect.provide(onSocket))
  )

  it.effect("a body that is nested too deeply is refused everywhere, and workers continue", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const headers = { "content-type": "application/json" }
      const bodies = [`{"prompt":"a","params":{"steps":8,"special":${deep(20_000)}}}`, deep(20_000), "[".repeat(20_000)]
      for (const body of bodies) {
        for (const [method, path] of [
          ["POST", "/v2/generate/async"],
          ["PUT", "/v2/sharedkeys"],
          ["POST", "/v2/generate/pop"],
          ["POST", "/v2/kudos/transfer"]
        ] as const) {
          yield* server.emptyLimiter
          const answer = yield* call(method, path, { key: Accounts.workerKey, text: body, headers })
          assert.strictEqual(answer.status, 400, path)
          assert.deepStrictEqual(Object.keys(answer.body), ["message"])
        }
      }
      assert.strictEqual((yield* ask({ prompt: "a bay", params: { steps: 8, unknown: nested(100) } })).status, 202)
      assert.isString((yield* pop()).body["id"])
    }).pipe(Effect.provide(inProcess))
  )
})
