/** How a page uses the SDK. It is bundled, and runs only in the browser. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { AIHorde } from "effect-horde/promise"

/** The address and the account. */
export interface Connection {
  readonly url: string
  readonly apiKey: string
}

/** The names of all reply headers that the browser lets the page read. */
const readable = new Set<string>()

const watched: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  for (const name of response.headers.keys()) readable.add(name)
  return response
}

// The span would make an HTTP client send `traceparent` and `b3`.
const run = <A, E>({ apiKey, url }: Connection, effect: Effect.Effect<A, E, Horde.Services>): Promise<A> =>
  effect.pipe(
    Effect.withSpan("page"),
    Effect.provide(
      Horde.layer({ baseUrl: url, apiKey: Redacted.make(apiKey), clientAgent: "page:1:test" }).pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, watched))
      )
    ),
    Effect.runPromise
  )

const wish = (prompt: string) => ImageGeneration.makeRequest({ prompt, size: [512, 512] })

/** Generates a picture, and decodes it with the browser. */
export const draw = (connection: Connection) =>
  run(
    connection,
    Effect.gen(function* () {
      const pictures = yield* ImageGeneration.generate(wish("a lighthouse at dusk"))
      const opened = yield* Effect.forEach(pictures, ({ bytes, mediaType }) =>
        Effect.promise(async () => {
          const { height, width } = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mediaType }))
          return { height, mediaType, width }
        })
      )
      return { opened, readable: [...readable].sort() }
    })
  )

/** Interrupts a job once the horde has replied to a check, and returns the exit. */
export const giveUp = (connection: Connection) =>
  run(
    connection,
    Effect.gen(function* () {
      const drawn = yield* Deferred.make<void>()
      const fiber = yield* ImageGeneration.progress(wish("a fox in the snow")).pipe(
        Stream.runForEach(({ _tag }) => (_tag === "Checked" ? Deferred.succeed(drawn, undefined) : Effect.void)),
        Effect.fork
      )
      yield* Effect.raceFirst(Deferred.await(drawn), Fiber.join(fiber)) // so that a failure is returned
      const exit = yield* Fiber.interrupt(fiber)
      return { interrupted: Exit.isInterrupted(exit) }
    })
  )

/** The same with promises: a picture that is decoded, a loop that is left, and an abort. */
export const promises = async ({ apiKey, url }: Connection) => {
  await using horde = new AIHorde({ baseUrl: url, apiKey, clientAgent: "page:1:test" })
  const [picture] = await horde.images.generate(wish("a lighthouse at dusk"))
  const { height, width } = await createImageBitmap(picture?.blob() ?? new Blob())
  for await (const event of horde.images.progress(wish("a fox in the snow"))) {
    if (event._tag === "Checked") break
  }
  const controller = new AbortController()
  const aborted = horde.images.generate(wish("a fox"), { signal: controller.signal }).catch(String)
  setTimeout(() => controller.abort("enough"), 1500)
  return { height, width, reason: await aborted }
}
