/**
 * The server on a real port. Replies are written on Node's own response, so that a broken one can really break.
 */

import * as Http from "node:http"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { HordeServer, ListenOptions, Service } from "../../HordeServer.js"
import * as Body from "../http/body.js"
import type { Reply } from "../http/reply.js"
import * as Running from "./service.js"

const write = (response: Http.ServerResponse, reply: Reply): Effect.Effect<void> => {
  const bytes = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body
  const head = (): void => {
    response.writeHead(reply.status, { ...reply.headers, "content-length": bytes.length })
  }
  switch (reply.delivery) {
    case "whole":
      return Effect.sync(() => {
        // A HEAD reply has no body to measure, and a length of 0 would be a lie about the GET.
        if (response.req.method === "HEAD") response.writeHead(reply.status, reply.headers)
        else head()
        response.end(response.req.method === "HEAD" ? undefined : bytes)
      })
    case "refused":
    case "reset":
      return Effect.sync(() => {
        response.socket?.resetAndDestroy()
      })
    case "truncated":
      return Effect.async<void>((resume) => {
        head()
        response.write(Running.half(bytes), () => {
          response.socket?.destroy()
          resume(Effect.void)
        })
      })
    case "hangingHalf":
      return Effect.zipRight(
        Effect.sync(() => {
          head()
          response.write(Running.half(bytes))
        }),
        Effect.never
      )
    case "hangingSilent":
      return Effect.never
  }
}

/** What a caller who breaks off has sent so far counts as nothing. */
const bodyOf = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Body.Body> => {
  const collector = new Body.Collector()
  return Stream.runForEach(request.stream, (piece) => Effect.sync(() => collector.add(piece))).pipe(
    Effect.map(() => collector.end()),
    Effect.orElseSucceed(() => Body.fromBytes(undefined))
  )
}

const app = (running: Running.Running) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const response = NodeHttpServerRequest.toServerResponse(request)
    const body = yield* bodyOf(request)
    const [path = "/", query = ""] = request.url.split("?", 2)
    const headers: Readonly<Record<string, string>> = { ...request.headers }
    const reply = yield* running.handle({
      method: request.method,
      path,
      query,
      headers,
      ...body,
      ip: Running.ipOf(
        headers,
        Option.getOrElse(request.remoteAddress, () => "127.0.0.1")
      )
    })
    yield* write(response, reply)
    return HttpServerResponse.empty()
  })

const listen = (options: ListenOptions) =>
  Effect.gen(function* () {
    const host = options.host ?? "127.0.0.1"
    const node = Http.createServer()
    const server = yield* NodeHttpServer.make(() => node, { port: options.port, host })
    // Closing waits for open connections; one that a fault keeps hanging would keep the program from ending.
    yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
    const port = server.address._tag === "TcpAddress" ? server.address.port : options.port
    const running = yield* Running.start(options, `http://${host.includes(":") ? `[${host}]` : host}:${port}`)
    yield* server.serve(app(running))
    return running.service
  })

export const layer = (
  tag: Context.Tag<HordeServer, Service>,
  options: ListenOptions
): Layer.Layer<HordeServer, ServeError> => Layer.scoped(tag, listen(options))
