/** Text jobs from both sides, by hand. */

import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { call } from "./raw.js"

/** Submits a request with these fields. */
export const ask = (body: object = {}, key: string = Accounts.plainKey) =>
  call("POST", "/v2/generate/text/async", { key, body: { prompt: "Once upon a time", ...body } })

/** Submits a request, and returns the id of the job. */
export const submitText = (body: object = {}, key: string = Accounts.plainKey) =>
  Effect.map(ask(body, key), ({ body, status, text }) => {
    if (status !== 202) throw new Error(`submit answered ${status}: ${text}`)
    return body["id"] as string
  })

export const textStatus = (id: string) => Effect.map(call("GET", `/v2/generate/text/status/${id}`), ({ body }) => body)

export const cancelText = (id: string) =>
  Effect.map(call("DELETE", `/v2/generate/text/status/${id}`), ({ body }) => body)

/** A worker that the server knows. */
export const writer = {
  name: "t1",
  models: ["koboldcpp/LLaMA"],
  bridge_agent: "KoboldCppEmbedWorker:2:https://example.invalid",
  max_length: 512,
  max_context_length: 4096
}

/** Requests a job. */
export const popText = (changes: object = {}, key: string = Accounts.workerKey) =>
  call("POST", "/v2/generate/text/pop", { key, body: { ...writer, ...changes } })

/** Delivers a result. */
export const deliverText = (id: string, changes: object = {}, key: string = Accounts.workerKey) =>
  call("POST", "/v2/generate/text/submit", { key, body: { id, generation: " there was a bay.", ...changes } })

/** The status and the code of a reply, or the invalid fields. */
export const outcome = (answer: { readonly status: number; readonly body: Readonly<Record<string, any>> }) => [
  answer.status,
  answer.body["rc"] ?? Object.keys(answer.body["errors"] ?? {})
]
