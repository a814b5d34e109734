import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { rows } from "../recordings/replay.js"
import { fetched, picture, pop, put } from "./outside.js"
import { call, status, submit } from "./raw.js"

const embedded = Effect.provide(HordeServer.layerClient({ seed: 1, worker: false }))

const recorded = rows("rest-3").find(({ name }) => name === "preflight")

const asBrowser = {
  origin: "http://localhost:3000",
  "access-control-request-method": "POST",
  "access-control-request-headers": "apikey,client-agent,content-type"
}

const corsOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-")))

describe("CORS", () => {
  it.effect("a browser gets the CORS headers of the real server on every route", () =>
    Effect.gen(function* () {
      assert.isDefined(recorded)
      const paths = [
        ["/v2/generate/async", "POST"],
        ["/v2/generate/check/x", "GET"],
        ["/v2/generate/status/x", "DELETE"],
        ["/v2/generate/pop", "POST"],
        ["/v2/generate/submit", "POST"],
        ["/v2/sharedkeys", "PUT"],
        ["/v2/sharedkeys/x", "PATCH"],
        ["/v2/find_user", "GET"],
        ["/v2/kudos/transfer", "POST"],
        ["/v2/status/heartbeat", "GET"],
        ["http://127.0.0.1/objects/x.webp", "GET"],
        ["http://127.0.0.1/uploads/x", "PUT"]
      ] as const
      for (const [path, method] of paths) {
        const answer = yield* call("OPTIONS", path, { headers: asBrowser })
        assert.deepInclude(answer, { status: 200, text: "" }, path)
        assert.strictEqual(answer.headers["content-type"], recorded?.response.headers["content-type"], path)
        assert.deepStrictEqual(corsOf(answer.headers), corsOf(recorded?.response.headers ?? {}), path)
        assert.include(answer.headers["allow"]?.split(", ") ?? [], method, path)
        assert.notProperty(answer.headers, "x-ratelimit-limit", path)
      }
    }).pipe(embedded)
  )

  it.effect("a browser may read every reply, also refusals, and no headers beyond the standard ones", () =>
    Effect.gen(function* () {
      const open = { "access-control-allow-origin": "*" }
      const replies = [
        yield* call("GET", "/v2/find_user", { key: Accounts.plainKey, headers: asBrowser }),
        yield* call("GET", "/v2/find_user", { headers: asBrowser }),
        yield* call("GET", "/v2/generate/async", { headers: asBrowser }),
        yield* call("GET", "/v2/nowhere", { headers: asBrowser }),
        yield* call("GET", "http://127.0.0.1/objects/x.webp", { headers: asBrowser })
      ]
      assert.deepStrictEqual(
        replies.map(({ headers, status }) => [status, corsOf(headers)]),
        [200, 401, 405, 404, 403].map((status) => [status, open])
      )
    }).pipe(embedded)
  )

  it.effect("a browser may upload and download pictures", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      const { body } = yield* pop()
      const sent = yield* put(body["r2_upload"], picture, "image/png")
      assert.deepStrictEqual([sent.status, sent.headers["access-control-allow-origin"]], [200, "*"])
      yield* call("POST", "/v2/generate/submit", {
        key: Accounts.workerKey,
        body: { id: body["id"], generation: "R2", seed: 1 }
      })
      const { img } = (yield* status(id))["generations"][0]
      const { response } = yield* fetched(img)
      assert.include(response.headers, { "access-control-allow-origin": "*", "content-type": "image/png" })
      const head = yield* HttpClient.execute(HttpClientRequest.head(img))
      assert.deepStrictEqual([head.status, yield* head.text], [200, ""])
    }).pipe(embedded)
  )
})
