/**
 * An HTTP server that draws pictures and streams the progress to a page: closing the tab cancels the job.
 *
 * Run with: npm run example -- drawing-server [PORT]
 */

import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Encoding, Exit, Layer, Schema, Stream } from "effect"
import { type Horde, ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"
import { page } from "./support/page.js"

const DrawRequest = Schema.Struct({ prompt: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(500)) })

type PageEvent =
  | { readonly kind: "note" | "failed"; readonly text: string }
  | { readonly kind: "picture"; readonly source: string }
  | { readonly kind: "end" }

/** The events for the page. */
const pageEvents = (event: ImageGeneration.Progress): ReadonlyArray<PageEvent> => {
  switch (event._tag) {
    case "Submitted":
      return [{ kind: "note", text: "the horde accepted the request" }]
    case "Checked": {
      const { finished, processing, queue_position, wait_time } = event.check
      if (finished > 0) return [{ kind: "note", text: "done" }]
      if (processing > 0) return [{ kind: "note", text: `a worker is drawing, about ${wait_time} s to go` }]
      return [{ kind: "note", text: queue_position > 0 ? `number ${queue_position} in the queue` : "waiting" }]
    }
    case "Arrived":
      return []
    case "Finished":
      return event.results.map(({ bytes, mediaType }) => ({
        kind: "picture",
        source: `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`
      }))
  }
}

/** The end of a visit, for the log of the server. An unfinished job is already cancelled. */
const ending = (exit: Exit.Exit<unknown, { readonly _tag: string }>) =>
  Exit.match(exit, {
    onSuccess: () => "drawn:",
    onFailure: (cause) => (Cause.isInterrupted(cause) ? "the visitor left, and the job is cancelled:" : "it failed:")
  })

/** One server-sent event. */
const frame = (data: PageEvent) => `data: ${JSON.stringify(data)}\n\n`

const draw = Effect.gen(function* () {
  const { prompt } = yield* HttpServerRequest.schemaSearchParams(DrawRequest)
  const services = yield* Effect.context<Horde.Services>()
  yield* Console.log(`a visitor asks for "${prompt}"`)
  // The stream is interrupted when the tab closes, which cancels the job.
  const events = ImageGeneration.progress(ImageGeneration.makeRequest({ prompt, size: [512, 512] })).pipe(
    Stream.mapConcat(pageEvents),
    Stream.changesWith((one, other) => one.kind === "note" && other.kind === "note" && one.text === other.text),
    Stream.ensuringWith((exit) => Console.log(`${ending(exit)} "${prompt}"`)),
    Stream.catchAll((error) => Stream.succeed<PageEvent>({ kind: "failed", text: `${error._tag}: ${error.message}` })),
    Stream.concat(Stream.succeed<PageEvent>({ kind: "end" })),
    Stream.map(frame),
    Stream.encodeText,
    Stream.provideContext(services)
  )
  return HttpServerResponse.stream(events, { contentType: "text/event-stream" })
})

const router = HttpRouter.empty.pipe(
  HttpRouter.get("/", HttpServerResponse.html(page)),
  HttpRouter.get("/draw", draw),
  Effect.catchTag("ParseError", () =>
    HttpServerResponse.text("a prompt of 1 to 500 characters, please", { status: 400 })
  )
)

const port = Number(process.argv[2] ?? 3000)

const announce = HttpServer.addressFormattedWith((address) => Console.log(`Draw at ${address}`))

HttpServer.serve(router).pipe(
  Layer.merge(Layer.effectDiscard(announce)),
  Layer.merge(Layer.effectDiscard(Effect.flatMap(Here.whereabouts, (where) => Console.log(`On ${where}`)))),
  Layer.provide(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" })),
  Layer.provide(Here.layer({ takes: "4 seconds" })),
  Layer.launch,
  NodeRuntime.runMain
)
