/** Scenarios: programs that call operations of the embedded horde through the SDK, and read back what they changed. */
import * as HttpClient from "@effect/platform/HttpClient"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import { baseUrl } from "../../support/stack.js"

type Services = Horde.AllServices | HordeServer.HordeServer | HttpClient.HttpClient

/** A program that fails if an operation is not served, or if a change cannot be read back. */
export type Scenario = Effect.Effect<void, unknown, Services>

/** Scenarios by what they show. */
export type Scenarios = Readonly<Record<string, Scenario>>

/** An `HttpClient` that puts the texts of its replies into a list. */
const recording = (texts: Array<string>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.transformResponse(Effect.tap(({ text }) => Effect.map(text, (one) => void texts.push(one))))
    )
  )

/**
 * All resources of the SDK with the key of `owner#1`, an administrator and moderator, over a horde without workers. The
 * texts of the replies are put into the list.
 */
export const layer = (texts: Array<string>) =>
  Horde.layerAll({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) }).pipe(
    Layer.provideMerge(recording(texts)),
    Layer.provideMerge(HordeServer.layerClient({ seed: 1, worker: false }))
  )

const as = (apiKey: string) => HordeClient.withApiKey(Redacted.make(apiKey))

export const asPlain = as(Accounts.plainKey)
export const asWorker = as(Accounts.workerKey)
export const asWorker2 = as(Accounts.worker2Key)
export const asAnonymous = as(Accounts.anonymousKey)

/** A picture of one pixel. */
export const dot = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

/** Runs a call after the server's cached replies have expired: they are kept for one minute at most. */
export const later = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.delay(call, "61 seconds")

/** The id of a job that a pop brought. */
export const popped = <Id>({ id }: { readonly id?: Id | undefined }): Id => {
  if (id === undefined) throw new Error("the worker got no job")
  return id
}
