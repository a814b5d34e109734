/** The SDK over an embedded horde in the same process: no socket, and all time is virtual. */
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Horde from "effect-horde/Horde"
import type * as HordeClient from "effect-horde/HordeClient"

export const baseUrl = "http://127.0.0.1/api"

export interface StackOptions {
  readonly server?: HordeServer.Options
  readonly client?: HordeClient.Options
}

/** The whole SDK with the owner's key, and the server's own record. */
export const stack = (options: StackOptions = {}) =>
  Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey), ...options.client }).pipe(
    Layer.provideMerge(HordeServer.layerClient({ seed: 1, ...options.server }))
  )
