/**
 * Cancels what is unfinished when a page goes away: the browser sends the cancels though the page is gone.
 *
 * It is a best effort, and no more. Seen in Chromium 156: when a page is navigated away from, reloaded or closed, with
 * or without other pages left, all cancels are sent, to the page's own origin and to another one alike. To another
 * origin the browser asks first (a preflight), even where the page is gone before the answer comes, and it sends the
 * cancel then. Nothing, or not all, is sent when the browser itself ends at that moment, when the page or the browser
 * crashes, or when the system ends it without a word, as phones do. What must not be lost goes into a journal
 * (`IndexedDbJournal`).
 *
 * A page that the browser keeps asleep for the way back is not gone, and keeps its jobs: it goes on with them when it is
 * shown again. Should the browser give it up while it sleeps, nothing tells the page, and nothing is sent.
 *
 * A job whose submit was not answered yet has no id, and cannot be cancelled here. Leave this layer out where a later
 * visit shall go on with the jobs.
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

/** The page is gone: no code is left to handle the outcome. */
const ignored = () => {}

/**
 * Cancels what is unfinished when the page goes away, until the layer's scope closes. Where there are no pages it does
 * nothing. The cancels go by `FetchHttpClient.Fetch`, where that is given, whatever the `HttpClient` is.
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
