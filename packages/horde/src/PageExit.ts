/**
 * Cancels unfinished jobs when a page is closed: the browser sends the cancels after the page has ended.
 *
 * It is a best effort. Observed in Chromium 156: when a page is navigated, reloaded or closed, all cancels are sent, to
 * the page's own origin and to other origins, including the preflight that another origin needs. Some or all are lost
 * when the browser itself ends at that moment, when the page or the browser crashes, or when the system kills it, as
 * phones do. Use a journal (`IndexedDbJournal`) for jobs that must not be lost.
 *
 * A page in the back/forward cache keeps its jobs, and continues with them when it is shown again. If the browser
 * evicts it from the cache, nothing is sent.
 *
 * A job whose submit has no reply yet has no id, and cannot be cancelled here. Omit this layer if a later visit should
 * continue the jobs.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import * as Horde from "effect-horde/Horde"
 * import * as PageExit from "effect-horde/PageExit"
 * import * as Layer from "effect/Layer"
 *
 * export const HordeInPage = PageExit.layer.pipe(
 *   Layer.provideMerge(Horde.layer({ clientAgent: "my-page:1.0:me@example.com" })),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { FollowUp } from "./FollowUp.js"
import { HordeClient } from "./HordeClient.js"
import { encodeForJob } from "./internal/call/encodeRequest.js"

/** The page has ended, so that no code can handle the outcome. */
const ignored = () => {}

/**
 * Cancels unfinished jobs when the page is closed, until the layer's scope closes. Outside of browsers it does nothing.
 * The cancels are sent with `FetchHttpClient.Fetch`, or the global `fetch` without it, and not with the `HttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, FollowUp | HordeClient> = Layer.scopedDiscard(
  Effect.gen(function* () {
    if (typeof globalThis.addEventListener !== "function") return
    const followUp = yield* FollowUp
    const { baseUrl } = yield* HordeClient
    const runtime = yield* Effect.runtime<never>()
    const fetch = Context.getOrElse(runtime.context, FetchHttpClient.Fetch, () => globalThis.fetch)

    // synchronous: the page runs no later code
    const onLeave = (event: PageTransitionEvent) => {
      if (event.persisted) return
      for (const { cancel, id } of Runtime.runSync(runtime)(followUp.unfinished)) {
        // a call with the API key needs a preflight, which is lost with the page
        if (cancel.apiKey !== "none") continue
        const call = encodeForJob("PageExit/cancel", cancel, id)
        if (Either.isLeft(call)) continue
        const headers = { accept: "application/json" }
        fetch(baseUrl + call.right.path, { method: cancel.method, headers, keepalive: true }).then(ignored, ignored)
      }
    }

    yield* Effect.acquireRelease(
      Effect.sync(() => globalThis.addEventListener("pagehide", onLeave)),
      () => Effect.sync(() => globalThis.removeEventListener("pagehide", onLeave))
    )
  })
)
