/** Plain requests, as of a client without our schemas. */

import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"

export interface Options {
  readonly key?: string
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The reply; `body` is the JSON, if it is any. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: Readonly<Record<string, any>>
}

export const call = (method: Method, path: string, options: Options = {}) =>
  Effect.gen(function* () {
    const { url } = yield* HordeServer.HordeServer
    const request = HttpClientRequest.make(method)(path.startsWith("http") ? path : `${url}${path}`).pipe(
      options.body === undefined ? identity : HttpClientRequest.bodyUnsafeJson(options.body),
      options.text === undefined ? identity : HttpClientRequest.setBody(HttpBody.raw(options.text)),
      options.key === undefined ? identity : HttpClientRequest.setHeader("apikey", options.key),
      HttpClientRequest.setHeaders(options.headers ?? {})
    )
    const response = yield* HttpClient.execute(request)
    const text = yield* response.text
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body:
        response.headers["content-type"]?.startsWith("application/json") === true && text !== "" ? JSON.parse(text) : {}
    }
    return answer
  })

/** Submits a small job and returns its id. */
export const submit = (
  prompt: string,
  options: { readonly n?: number; readonly key?: string; readonly r2?: boolean } = {}
) =>
  Effect.map(
    call("POST", "/v2/generate/async", {
      key: options.key ?? Accounts.plainKey,
      body: { prompt, r2: options.r2 ?? true, params: { n: options.n ?? 1, steps: 8, width: 256, height: 256 } }
    }),
    ({ body, status, text }) => {
      if (status !== 202) throw new Error(`submit answered ${status}: ${text}`)
      return body["id"] as string
    }
  )

export const check = (id: string) => Effect.map(call("GET", `/v2/generate/check/${id}`), ({ body }) => body)

export const status = (id: string) => Effect.map(call("GET", `/v2/generate/status/${id}`), ({ body }) => body)

export const cancel = (id: string) => Effect.map(call("DELETE", `/v2/generate/status/${id}`), ({ body }) => body)

/** The server's record of the only job of a test. */
export const theJob = Effect.gen(function* () {
  const server = yield* HordeServer.HordeServer
  const [job] = yield* server.jobs
  if (job === undefined) throw new Error("there is no job")
  return job
})
