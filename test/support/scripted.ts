/** A small server: its replies are scripted, and it records the requests. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Alchemy from "effect-horde/Alchemy"
import * as Collections from "effect-horde/Collections"
import * as Documents from "effect-horde/Documents"
import * as Filters from "effect-horde/Filters"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as Kudos from "effect-horde/Kudos"
import * as Operations from "effect-horde/Operations"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Stats from "effect-horde/Stats"
import * as Status from "effect-horde/Status"
import * as Styles from "effect-horde/Styles"
import * as Teams from "effect-horde/Teams"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import * as Worker from "effect-horde/Worker"
import * as Workers from "effect-horde/Workers"
import { baseUrl } from "./stack.js"

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The body if it is not text. */
  readonly bytes?: Uint8Array<ArrayBuffer>
}

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body)
})

/** An `HttpClient` with these replies, and the list of its requests. */
export const server = (answer: (sent: Sent, index: number) => Answer) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const { body } = request
      const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : undefined
      const received = { method: request.method, url, headers: { ...request.headers }, body: text }
      sent.push(received)
      const { status, headers = {}, body: answered = "", bytes = answered } = answer(received, sent.length - 1)
      const hasNone = status === 204 || status === 304
      return HttpClientResponse.fromWeb(request, new Response(hasNone ? null : bytes, { status, headers }))
    })
  )
  return { sent, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

/** The endpoints over an `HttpClient`, without a rate limit, and without repeats but for those of `retry`. */
export const endpoints = (options: HordeClient.Options = {}, retry: Layer.Layer<Retry.Retry> = Retry.layerNone) =>
  Layer.mergeAll(
    Alchemy.layer,
    Collections.layer,
    Documents.layer,
    Filters.layer,
    ImageGeneration.layer,
    Kudos.layer,
    Operations.layer,
    SharedKeys.layer,
    Stats.layer,
    Status.layer,
    Styles.layer,
    Teams.layer,
    TextGeneration.layer,
    Users.layer,
    Worker.layer,
    Workers.layer
  ).pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey), ...options })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layerNone, RateLimit.layerNone, retry])
  )

export type Services = Layer.Layer.Success<ReturnType<typeof endpoints>>

/** One reply to all requests. */
export const answering = (answer: Answer, options: HordeClient.Options = {}) =>
  endpoints(options).pipe(Layer.provide(server(() => answer).layer))
