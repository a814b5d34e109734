/** Failed connections: never established, or lost during the call; and the size limit of replies. */
import { inspect } from "node:util"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { Cause, type Duration, Effect, Layer, Stream } from "effect"
import type * as HordeClient from "effect-horde/HordeClient"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { jobId } from "../support/jobServer.js"
import { endpoints } from "../support/scripted.js"
import { rawSubmit, runToEnd } from "../support/virtualTime.js"

const failing = (cause: unknown) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) => Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause })))
  )

const withCode = (code: string, fields: object = {}) => Object.assign(new Error(code), { code, ...fields })

/** The errors as undici wraps them. */
const fetchFailed = (cause: unknown) => Object.assign(new TypeError("fetch failed"), { cause })

const neverSent: Readonly<Record<string, unknown>> = {
  "a refused connection": withCode("ECONNREFUSED"),
  "an unknown host": fetchFailed(withCode("ENOTFOUND", { syscall: "getaddrinfo" })),
  "a connect time-out of the system": fetchFailed(withCode("ETIMEDOUT", { syscall: "connect" })),
  "a reset while connecting": withCode("ECONNRESET", { syscall: "connect" }),
  "a connect time-out of undici": fetchFailed(withCode("UND_ERR_CONNECT_TIMEOUT")),
  "all addresses of a host, with a code": fetchFailed(
    Object.assign(new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")]), { code: "ECONNREFUSED" })
  ),
  "all addresses of a host, without one": fetchFailed(
    new AggregateError([withCode("ETIMEDOUT", { syscall: "connect" }), withCode("ENETUNREACH")])
  ),
  "a self-signed certificate": withCode("DEPTH_ZERO_SELF_SIGNED_CERT"),
  "an unknown issuer": fetchFailed(withCode("UNABLE_TO_GET_ISSUER_CERT_LOCALLY")),
  "an unknown issuer of a remote certificate": withCode("UNABLE_TO_GET_ISSUER_CERT"),
  "a revoked certificate": withCode("CERT_REVOKED"),
  "a certificate that is not valid yet": withCode("CERT_NOT_YET_VALID"),
  "a certificate of another host": withCode("ERR_TLS_CERT_ALTNAME_INVALID"),
  "a TLS handshake that failed": withCode("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"),
  "plain http where TLS was expected": withCode("ERR_SSL_WRONG_VERSION_NUMBER"),
  "an error of the protocol": withCode("EPROTO"),
  "a connection that ended within the handshake": Object.assign(
    new Error("Client network socket disconnected before secure TLS connection was established"),
    { code: "ECONNRESET" }
  ),
  "a port that fetch refuses": fetchFailed(new Error("bad port")),
  "an address that fetch cannot read": Object.assign(new TypeError("Failed to parse URL from x"), {
    cause: withCode("ERR_INVALID_URL")
  }),
  "an address with a password": new TypeError("Request cannot be constructed from a URL that includes credentials: x"),
  "Deno's message": new TypeError("error sending request for url: client error (Connect): dns error"),
  "Deno's message for a certificate": new TypeError("error sending request: invalid peer certificate: UnknownIssuer"),
  "Bun's code": withCode("ConnectionRefused")
}

const lost: Readonly<Record<string, unknown>> = {
  "a reset": withCode("ECONNRESET", { syscall: "read" }),
  "a broken pipe": withCode("EPIPE", { syscall: "write" }),
  "a socket that was closed": fetchFailed(withCode("UND_ERR_SOCKET")),
  "a time-out while reading": withCode("ETIMEDOUT", { syscall: "read" }),
  "a broken TLS record": withCode("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
  "one of several connections that was reset": new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNRESET")]),
  "an empty group of errors": new AggregateError([]),
  "no cause": undefined,
  "a text": "oops",
  "a cause that is its own cause": (() => {
    const error = new Error("round")
    return Object.assign(error, { cause: error })
  })(),
  "a browser's message": new TypeError("Failed to fetch")
}

const create = Effect.flip(SharedKeys.create())

describe("connections that were not established", () => {
  for (const [name, cause] of Object.entries(neverSent)) {
    it.effect(`a call is not sent after ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* create.pipe(Effect.provide(endpoints().pipe(Layer.provide(failing(cause)))))
        assert(error._tag === "TransportError")
        assert.strictEqual(error.reason, "NotSent")
        assert.include(error.message, "127.0.0.1")
      })
    )
  }
})

describe("connections that broke", () => {
  for (const [name, cause] of Object.entries(lost)) {
    it.effect(`a call's outcome is unknown after ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* create.pipe(Effect.provide(endpoints().pipe(Layer.provide(failing(cause)))))
        assert.strictEqual(error._tag, "OutcomeUnknown")
      })
    )
  }

  it.effect("the error of a connection names the host and prints no internals", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Status.heartbeat).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(failing(withCode("ECONNRESET")))))
      )
      assert.strictEqual(error.message, "the connection to 127.0.0.1 broke (ECONNRESET)")
      assert.notMatch(inspect(error), /internal|node_modules/)
      assert.notMatch(Cause.pretty(Cause.fail(error), { renderErrorCause: true }), /internal|node_modules/)
    })
  )
})

describe("redirects", () => {
  it.effect("a redirect is not followed, since it would send the key elsewhere", () =>
    Effect.gen(function* () {
      const seen: Array<RequestInit | undefined> = []
      const fetch: typeof globalThis.fetch = async (_, init) => {
        seen.push(init)
        return Response.json({ message: "OK" })
      }
      yield* Status.heartbeat.pipe(
        Effect.provide(endpoints().pipe(Layer.provide(FetchHttpClient.layer))),
        Effect.provideService(FetchHttpClient.Fetch, fetch),
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "follow", cache: "no-store" })
      )
      assert.deepInclude(seen[0], { redirect: "manual", cache: "no-store" })
    })
  )
})

describe("time-outs of calls that create something", () => {
  const answersAfter = (delay: Duration.DurationInput) =>
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() =>
          HttpClientResponse.fromWeb(request, Response.json({ id: jobId, kudos: 1 }, { status: 202 }))
        ).pipe(Effect.delay(delay))
      )
    )
  const over = (options: HordeClient.Options, delay: Duration.DurationInput) =>
    runToEnd(
      Effect.provide(
        Effect.either(Effect.scoped(rawSubmit())),
        endpoints(options).pipe(Layer.provide(answersAfter(delay)))
      ),
      "1 second"
    )

  it.effect("a submit has a time-out of ninety seconds", () =>
    Effect.gen(function* () {
      const reply = yield* over({}, "89 seconds")
      assert(reply._tag === "Right")
      assert.strictEqual(String(reply.right.id), jobId)
    })
  )

  it.effect("a submit has its own time-out option, whatever the other one says", () =>
    Effect.gen(function* () {
      const reply = yield* over({ creationTimeout: "10 seconds", timeout: "2 minutes" }, "11 seconds")
      assert.strictEqual(reply._tag === "Left" && reply.left._tag, "OutcomeUnknown")
    })
  )
})

const mebibyte = new Uint8Array(1024 * 1024).fill(32)

/** A reply whose body has this many chunks of one MiB and no declared length; it counts the chunks that are read. */
const endless = (chunks: number, status = 200, head = "") => {
  const taken = { chunks: 0 }
  const layer = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.sync(() => {
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (taken.chunks === 0 && head !== "") controller.enqueue(new TextEncoder().encode(head))
            if (taken.chunks++ >= chunks) controller.close()
            else controller.enqueue(mebibyte)
          }
        })
        return HttpClientResponse.fromWeb(request, new Response(body, { status }))
      })
    )
  )
  return { taken, layer }
}

describe("the size of replies", () => {
  const over = (options: HordeClient.Options, layer: Layer.Layer<HttpClient.HttpClient>) =>
    Effect.provide(endpoints(options).pipe(Layer.provide(layer)))

  it.effect("a reply is limited to 128 MiB, and no more than that is read", () =>
    Effect.gen(function* () {
      const { layer, taken } = endless(1000)
      const error = yield* Effect.flip(Status.heartbeat).pipe(over({}, layer))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.isFalse(error.isRetryable)
      assert.include(error.message, "more than 134217728 bytes")
      assert.isAtMost(taken.chunks, 131)
    })
  )

  it.effect("maxReplyBytes limits a reply", () =>
    Effect.gen(function* () {
      const { layer } = endless(3)
      const error = yield* Effect.flip(Status.heartbeat).pipe(over({ maxReplyBytes: 2 * 1024 * 1024 }, layer))
      assert.include(error.message, "more than 2097152 bytes")
    })
  )

  it.effect("a reply with a larger declared length is not read at all", () =>
    Effect.gen(function* () {
      const layer = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() => {
            const reply = new Response("{}", { headers: { "content-length": "999999999999" } })
            return Object.create(HttpClientResponse.fromWeb(request, reply), {
              stream: { value: Stream.dieMessage("the body was read") }
            })
          })
        )
      )
      const error = yield* Effect.flip(Status.heartbeat).pipe(over({}, layer))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    })
  )

  it.effect("a submit whose id came before the size limit succeeds", () =>
    Effect.gen(function* () {
      const { layer } = endless(1000, 202, `{"id":"${jobId}","kudos":1,"x":"`)
      const reply = yield* runToEnd(Effect.scoped(rawSubmit())).pipe(over({ maxReplyBytes: 1024 * 1024 }, layer))
      assert.strictEqual(reply.id, jobId)
    })
  )
})
