/**
 * The socket transport: a server on a real port. It writes to Node's own response, so that scripted faults can reset
 * the connection.
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
import * as Body from "../http/body.js"
import { ipOf } from "../http/incoming.js"
import type { Reply } from "../http/reply.js"
import type { Options } from "../state/options.js"
import { firstHalf } from "./partialBody.js"
import * as Running from "./service.js"

/**
 * The options of a server that listens on a port.
 *
 * @since 0.1.0
 * @category options
 */
export interface ListenOptions extends Options {
  /** The port to listen on; with 0 the system selects a free port. */
  readonly port: number
  /** The address to listen on; `127.0.0.1` by default. */
  readonly host?: string
}

const write = (response: Http.ServerResponse, reply: Reply): Effect.Effect<void> => {
  const bytes = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body
  const head = (): void => {
    response.writeHead(reply.status, { ...reply.headers, "content-length": bytes.length })
  }
  switch (reply.delivery) {
    case "whole":
      return Effect.sync(() => {
        // No content-length for HEAD: the length of the GET reply is not known here.
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
        response.write(firstHalf(bytes), () => {
          response.socket?.destroy()
          resume(Effect.void)
        })
      })
    case "hangingHalf":
      return Effect.zipRight(
        Effect.sync(() => {
          head()
          response.write(firstHalf(bytes))
        }),
        Effect.never
      )
    case "hangingSilent":
      return Effect.never
  }
}

/** The body; absent if the caller disconnects before its end. */
const bodyOf = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Body.Body> => {
  const collector = new Body.Collector()
  return Stream.runForEach(request.stream, (chunk) => Effect.sync(() => collector.add(chunk))).pipe(
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
    const reply = yield* running.receive({
      method: request.method,
      path,
      query,
      headers,
      ...body,
      ip: ipOf(
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
    // Closing waits for open connections, so a hanging reply would keep the program running.
    yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
    const port = server.address._tag === "TcpAddress" ? server.address.port : options.port
    const running = yield* Running.start(options, `http://${host.includes(":") ? `[${host}]` : host}:${port}`)
    yield* server.serve(app(running))
    return running.service
  })

export const layer = <Self>(
  tag: Context.Tag<Self, Running.Service>,
  options: ListenOptions
): Layer.Layer<Self, ServeError> => Layer.scoped(tag, listen(options))
