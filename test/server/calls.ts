/** Calls by account, and what matters of their replies. */

import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { type Answer, call, type Options } from "./raw.js"

/** A server without built-in workers and with high limits. */
export const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

type Method = Parameters<typeof call>[0]

const by =
  (key?: string) =>
  (method: Method, path: string, body?: unknown, options: Options = {}) =>
    call(method, path, {
      ...options,
      ...(key === undefined ? {} : { key }),
      ...(body === undefined ? {} : { body })
    })

export const nobody = by()
export const anonymous = by(Accounts.anonymousKey)
export const owner = by(Accounts.ownerKey)
export const plain = by(Accounts.plainKey)
export const worker = by(Accounts.workerKey)
export const worker2 = by(Accounts.worker2Key)
export const stranger = by("a_key_of_nobody_000000")
export const withKey = by

/** The status and the `rc` of a refusal, or the fields that did not pass validation. */
export const refusal = ({ body, status }: Answer): readonly [status: number, rc: unknown] => [
  status,
  body["rc"] ?? Object.keys(body["errors"] ?? {})
]

/** The status and the body of a reply. */
export const reply = ({ body, status }: Answer): readonly [status: number, body: unknown] => [status, body]
