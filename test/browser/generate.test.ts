/** The SDK in a page of a real browser, on another origin than the horde, which records all requests. */
import { assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect } from "effect"
import * as Chromium from "../support/chromium.js"
import * as Site from "../support/site.js"
import type * as PageModule from "./page.js"

declare const Page: typeof PageModule // in the browser

let script = ""

beforeEach(Chromium.skipWithout)

beforeAll(async () => {
  script = await Site.bundle(new URL("page.ts", import.meta.url))
})

/** A web server of its own, so that the horde is another origin. */
const site = Effect.suspend(() => Site.serve(script))

/** The headers that the browser sets. */
const browsersOwn =
  /^(?:sec-.*|user-agent|accept-(?:encoding|language)|cache-control|connection|content-length|host|origin|pragma|referer)$/

/** The headers that the SDK sets. */
const chosen = ({ headers }: HordeServer.Exchange) =>
  Object.keys(headers)
    .filter((name) => !browsersOwn.test(name))
    .sort()

/**
 * The headers of the SDK's preflights. The key is sent only where it is needed, and the store of the pictures gets
 * nothing but the browser's own `Accept`.
 */
const headersOf: { readonly [question: string]: ReadonlyArray<string> } = {
  "POST /v2/generate/async": ["accept", "apikey", "client-agent", "content-type"],
  "GET /v2/generate/check/:id": ["accept", "client-agent"],
  "GET /v2/generate/status/:id": ["accept", "client-agent"],
  "DELETE /v2/generate/status/:id": ["accept", "client-agent"],
  "GET /objects/:id": ["accept"]
}

/** All requests of that site to the horde: the preflights without repetitions, each one checked. */
const asked = (site: string) =>
  Effect.gen(function* () {
    const { exchanges } = yield* HordeServer.HordeServer
    const questions: Array<string> = []
    for (const exchange of yield* exchanges) {
      const { headers, method, route, status } = exchange
      const question = `${method} ${route}`
      assert.strictEqual(status, method === "POST" ? 202 : 200, question)
      assert.strictEqual(headers["origin"], site, question)
      if (method === "OPTIONS") {
        const next = `${headers["access-control-request-method"]} ${route}`
        const wanted = headers["access-control-request-headers"]?.split(",") ?? []
        assert.deepStrictEqual([...wanted, "accept"].sort(), headersOf[next], `preflight of ${next}`)
        continue
      }
      assert.deepStrictEqual(chosen(exchange), headersOf[question], question)
      if (headers["apikey"] !== undefined) assert.strictEqual(headers["apikey"], Accounts.plainKey, question)
      if (headers["client-agent"] !== undefined) assert.strictEqual(headers["client-agent"], "page:1:test", question)
      if (questions.at(-1) !== question || method !== "GET") questions.push(question)
    }
    return questions
  })

const preflights = Effect.flatMap(HordeServer.HordeServer, ({ exchanges }) =>
  Effect.map(exchanges, (all) => all.filter(({ method }) => method === "OPTIONS").length)
)

/** The record of the only job. */
const job = Effect.flatMap(HordeServer.HordeServer, ({ jobs }) =>
  Effect.map(jobs, (all) => all.map(({ account, cancels, state }) => ({ account, cancels, state })))
)

describe("the SDK in a page", () => {
  it.scopedLive("a page generates, downloads and decodes a picture", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const origin = yield* site
      const { complaints, page } = yield* Chromium.open(origin)
      const connection = { url: horde.url, apiKey: Accounts.plainKey }
      const outcome = yield* Effect.promise(() => page.evaluate((it) => Page.draw(it), connection))
      assert.deepStrictEqual(outcome.opened, [{ height: 512, mediaType: "image/webp", width: 512 }])
      assert.isEmpty(complaints)

      assert.deepStrictEqual(yield* asked(origin), [
        "POST /v2/generate/async",
        "GET /v2/generate/check/:id",
        "GET /v2/generate/status/:id",
        "GET /objects/:id"
      ])
      assert.isAtLeast(yield* preflights, 3) // a browser may repeat a preflight after 5 seconds
      assert.deepStrictEqual(yield* job, [{ account: "plain", cancels: 0, state: "finished" }])

      // The limiter's headers are sent, as any other client sees; a page may not read them.
      const outside = yield* Effect.promise(() =>
        fetch(`${horde.url}/v2/find_user`, { headers: { apikey: Accounts.plainKey } })
      )
      assert.isTrue(outside.headers.has("x-ratelimit-limit"))
      assert.deepStrictEqual(outcome.readable, ["content-length", "content-type"])
    }).pipe(Effect.provide(HordeServer.layer({ port: 0 })))
  )

  it.scopedLive("the Promise API runs in a page, and cancels what is left or aborted", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const { complaints, page } = yield* Chromium.open(yield* site)
      const connection = { url: horde.url, apiKey: Accounts.plainKey }
      const outcome = yield* Effect.promise(() => page.evaluate((it) => Page.promises(it), connection))
      assert.deepStrictEqual(outcome, { height: 512, width: 512, reason: "enough" })
      assert.isEmpty(complaints)
      assert.deepStrictEqual(yield* job, [
        { account: "plain", cancels: 0, state: "finished" },
        { account: "plain", cancels: 1, state: "cancelled" },
        { account: "plain", cancels: 1, state: "cancelled" }
      ])
    }).pipe(Effect.provide(HordeServer.layer({ port: 0, worker: { takes: "6 seconds" } })))
  )

  it.scopedLive("an interruption in a page cancels the job", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const origin = yield* site
      const { complaints, page } = yield* Chromium.open(origin)
      const connection = { url: horde.url, apiKey: Accounts.plainKey }
      const ending = yield* Effect.promise(() => page.evaluate((it) => Page.giveUp(it), connection))
      assert.deepStrictEqual(ending, { interrupted: true })
      assert.isEmpty(complaints)

      assert.deepStrictEqual(yield* asked(origin), [
        "POST /v2/generate/async",
        "GET /v2/generate/check/:id",
        "DELETE /v2/generate/status/:id"
      ])
      assert.deepStrictEqual(yield* job, [{ account: "plain", cancels: 1, state: "cancelled" }])
    }).pipe(Effect.provide(HordeServer.layer({ port: 0, worker: { takes: "60 seconds" } })))
  )

  it.scopedLive("the browser and this test detect a header that the horde does not allow", () =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      const { complaints, page } = yield* Chromium.open(yield* site)
      const outcome = yield* Effect.promise(() =>
        page.evaluate(
          (url) =>
            fetch(`${url}/v2/status/heartbeat`, { headers: { traceparent: "00-1-1-01" } }).then(
              () => "let through",
              () => "stopped"
            ),
          horde.url
        )
      )
      assert.strictEqual(outcome, "stopped")
      assert.match(complaints.join("\n"), /traceparent is not allowed/)
      const exchanges = yield* horde.exchanges
      assert.deepStrictEqual(
        exchanges.map(({ method, status }) => [method, status]),
        [["OPTIONS", 200]]
      )
    }).pipe(Effect.provide(HordeServer.layer({ port: 0 })))
  )
})
