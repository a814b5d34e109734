/** The SDK with alchemy over an embedded horde, and what tests of alchemy jobs send. */
import type { HordeServer } from "@effect-horde/server"
import { Effect, Layer } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import { png } from "./jobServer.js"
import { type StackOptions, stack } from "./stack.js"
import { requests } from "./virtualTime.js"

/** The endpoints that `Horde.layer` does not have. */
export const endpoints = Layer.mergeAll(Alchemy.Submit.layer, Alchemy.Status.layer, Alchemy.Cancel.layer)

/** All that alchemy jobs need, and the server's own record. */
export const whole = (server: HordeServer.Options = {}, client: NonNullable<StackOptions["client"]> = {}) =>
  Effect.provide(endpoints.pipe(Layer.provideMerge(stack({ server, client }))))

/** A request for these forms of a picture of one pixel. */
export const request = (...names: ReadonlyArray<string>): Alchemy.AlchemyInput => ({
  source_image: png,
  forms: names.map((name) => ({ name }))
})

export const submits = requests("POST", "/v2/interrogate/async")
export const polls = requests("GET", "/v2/interrogate/status/:id")
export const cancels = requests("DELETE", "/v2/interrogate/status/:id")
