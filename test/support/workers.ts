/** A worker of this library beside a client of the same embedded horde, which has no built-in workers. */
import { Accounts, HordeServer } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import * as Horde from "effect-horde/Horde"
import type * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Worker from "effect-horde/Worker"
import { png } from "./jobServer.js"
import { baseUrl } from "./stack.js"

/** All resources with the key of one account, and the server. The worker and the client share the connection. */
export const workerStack = (options: HordeServer.Options = {}) =>
  Horde.layerAll({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) }).pipe(
    Layer.provideMerge(HordeServer.layerClient({ seed: 1, worker: false, ...options }))
  )

/** A name for which the server offers all kinds of jobs. */
export const agent = "AI Horde Worker reGen:9.0.1-x:https://example.invalid"

/** A picture of one pixel. */
export const picture = Uint8Array.from(Buffer.from(png, "base64"))

/** The options of an image worker whose events are recorded. */
export const recorded = <R = never>(options: Partial<Worker.ImageWorkerOptions<R>> = {}) => {
  const events: Array<Worker.Event> = []
  const worker: Worker.ImageWorkerOptions<R> = {
    name: "w1",
    models: ["stable_diffusion"],
    bridge_agent: agent,
    generate: () => Effect.delay(Effect.succeed(picture), "10 seconds"),
    sourceImages: { allowPrivateAddresses: true },
    ...options,
    onEvent: (event) => Effect.sync(() => void events.push(event))
  }
  return { events, tags: () => events.map(({ _tag }) => _tag).filter((tag) => tag !== "Idle"), worker }
}

/** Runs a client beside a worker, and stops the worker when the client has ended. */
export const beside = <A, E, R, R2>(client: Effect.Effect<A, E, R>, worker: Effect.Effect<void, Worker.RunError, R2>) =>
  Effect.raceFirst(client, Effect.zipRight(worker, Effect.never))

/** A small request for pictures, which the client downloads itself. */
export const request = (n = 1): ImageGeneration.GenerationInputStable => ({
  prompt: "a lighthouse",
  models: ["stable_diffusion"],
  params: { n, width: 64, height: 64, steps: 1, seed: "7" }
})
