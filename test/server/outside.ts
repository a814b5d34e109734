/** An external worker, by hand. */

import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { call } from "./raw.js"

/** A worker that the server knows, with all capabilities. */
export const able = {
  name: "w1",
  models: ["stable_diffusion"],
  bridge_agent: "AI Horde Worker reGen:9.0.1-x:https://example.invalid",
  max_pixels: 4_194_304,
  nsfw: true,
  allow_controlnet: true,
  allow_lora: true
}

/** Requests a job. */
export const pop = (changes: object = {}, key: string = Accounts.workerKey) =>
  call("POST", "/v2/generate/pop", { key, body: { ...able, ...changes } })

/** Delivers a result. */
export const deliver = (id: string, changes: object = {}, key: string = Accounts.workerKey) =>
  call("POST", "/v2/generate/submit", { key, body: { id, generation: "R2", seed: 1234, state: "ok", ...changes } })

/** Uploads a picture to its link. */
export const put = (link: string, bytes: Uint8Array, contentType = "image/webp") =>
  HttpClient.execute(HttpClientRequest.put(link).pipe(HttpClientRequest.bodyUint8Array(bytes, contentType)))

/** Bytes that are no valid text. */
export const picture = new Uint8Array([0x52, 0x49, 0x46, 0x46, 0x00, 0xff, 0xfe, 0x80, 0x57, 0x45, 0x42, 0x50])

export const fetched = (link: string) =>
  Effect.flatMap(HttpClient.get(link), (response) =>
    Effect.map(response.arrayBuffer, (buffer) => ({ response, bytes: new Uint8Array(buffer) }))
  )
