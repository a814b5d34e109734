/** The browser modules without a browser: missing browser APIs, and the requests of a page that is closed. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as IndexedDbJournal from "effect-horde/IndexedDbJournal"
import * as PageExit from "effect-horde/PageExit"
import { baseUrl, stack } from "../support/stack.js"
import { small } from "../support/virtualTime.js"

afterEach(() => vi.unstubAllGlobals())

const opening = Effect.flip(Effect.scoped(IndexedDbJournal.make()))

describe("IndexedDbJournal without a browser", () => {
  it.effect("IndexedDbJournal is unavailable without IndexedDB", () =>
    Effect.gen(function* () {
      vi.stubGlobal("indexedDB", undefined)
      const { message, reason } = yield* opening
      assert.strictEqual(reason, "Unavailable")
      assert.include(message, "there is no IndexedDB here")
    })
  )

  it.effect("IndexedDbJournal is unavailable without Web Locks", () =>
    Effect.gen(function* () {
      vi.stubGlobal("indexedDB", {})
      for (const navigator of [undefined, {}]) {
        vi.stubGlobal("navigator", navigator)
        const { message, reason } = yield* opening
        assert.strictEqual(reason, "Unavailable")
        assert.include(message, "there is no Web Locks API here")
      }
    })
  )

  it.effect("IndexedDbJournal is unavailable if the browser refuses access, with the name of the browser's error", () =>
    Effect.gen(function* () {
      const open = () => {
        throw new DOMException("with words about the site", "SecurityError")
      }
      vi.stubGlobal("indexedDB", { open })
      vi.stubGlobal("navigator", { locks: {} })
      const { message, reason } = yield* opening
      assert.strictEqual(reason, "Unavailable")
      assert.strictEqual(message, "the journal cannot be used (SecurityError)")
    })
  )

  it.effect("IndexedDbJournal is unavailable if its lock is refused, and closes the database", () =>
    Effect.gen(function* () {
      let isClosed = false
      const request = { onsuccess: () => {}, result: { close: () => (isClosed = true) } }
      vi.stubGlobal("indexedDB", {
        open: () => {
          queueMicrotask(() => request.onsuccess())
          return request
        }
      })
      const refused = () => Promise.reject(new DOMException("no", "SecurityError"))
      vi.stubGlobal("navigator", { locks: { request: refused } })
      assert.strictEqual((yield* opening).message, "the journal cannot be used (SecurityError)")
      assert.isTrue(isClosed)
    })
  )
})

/** The part of a browser window that these tests need. */
const window = () => {
  const listeners = new Set<(event: unknown) => void>()
  vi.stubGlobal("addEventListener", (_: "pagehide", listener: () => void) => listeners.add(listener))
  vi.stubGlobal("removeEventListener", (_: "pagehide", listener: () => void) => listeners.delete(listener))
  const leave = (persisted: boolean) => {
    for (const listener of listeners) listener({ type: "pagehide", persisted })
  }
  return { leave, listeners }
}

/** The requests that were sent with `fetch` and not with the `HttpClient`. */
const sent = () => {
  const asked: Array<{ readonly url: string; readonly init: RequestInit | undefined }> = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    asked.push({ url: String(input), init })
    return Promise.reject(new TypeError("Failed to fetch"))
  }
  return { asked, layer: Layer.succeed(FetchHttpClient.Fetch, fetch) }
}

describe("PageExit", () => {
  it.effect("PageExit cancels all unfinished jobs when the page is closed", () =>
    Effect.gen(function* () {
      const page = window()
      const { asked, layer } = sent()
      const program = Effect.gen(function* () {
        const { ticket } = yield* ImageGeneration.submit(small("a fox"))
        const over = yield* ImageGeneration.submit(small("a hare"))
        yield* over.cancel

        page.leave(true)
        assert.isEmpty(asked, "the browser keeps the page")
        page.leave(false)
        const url = `${baseUrl}/v2/generate/status/${Redacted.value(ticket.id)}`
        const init = { method: "DELETE", headers: { accept: "application/json" }, keepalive: true }
        assert.deepStrictEqual(asked, [{ url, init }])
      })
      yield* Effect.scoped(program).pipe(
        Effect.provide(Layer.provideMerge(Layer.provide(PageExit.layer, layer), stack()))
      )
      assert.isEmpty(page.listeners)
    })
  )

  it.effect("PageExit registers no listener and sends nothing outside of a page", () =>
    Effect.gen(function* () {
      const page = window()
      const { asked, layer } = sent()
      // workers and servers have other event targets
      vi.stubGlobal("document", { addEventListener: globalThis.addEventListener })
      vi.stubGlobal("addEventListener", undefined)
      const program = Effect.gen(function* () {
        yield* ImageGeneration.submit(small("a fox"))
        assert.isEmpty(page.listeners)
        page.leave(false)
      })
      yield* Effect.scoped(program).pipe(
        Effect.provide(Layer.provideMerge(Layer.provide(PageExit.layer, layer), stack()))
      )
      assert.isEmpty(page.listeners)
      assert.isEmpty(asked)
    })
  )
})
