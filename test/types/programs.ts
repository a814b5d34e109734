/** A program without a layer or a scope does not compile, and the type names the missing one. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  FollowUp,
  Horde,
  HordeClient,
  ImageGeneration,
  JobJournal,
  type JobKind,
  JobQuota,
  RateLimit,
  Recovery,
  Retry,
  SharedKeys,
  Status
} from "effect-horde"
import { holds, type Same } from "./same.js"

type Missing<E extends Effect.Effect<any, any, any>> = Effect.Effect.Context<E>

const input = { prompt: "a lighthouse" }
const http = FetchHttpClient.layer
const limits = Layer.merge(RateLimit.layer, Retry.layer())

// complete

const connection = HordeClient.layer().pipe(Layer.provide(limits), Layer.provide(http))
const followUp = FollowUp.layer().pipe(Layer.provide([JobJournal.layerMemory, JobQuota.layer]))
const services = ImageGeneration.layer.pipe(Layer.provide(followUp), Layer.provide([connection, http]))
const program = Effect.provide(ImageGeneration.generate(input), services)
holds<Same<Missing<typeof program>, never>>()
export const complete = () => Effect.runPromise(program)

// without FollowUp

const withoutFollowUp = Effect.provide(
  ImageGeneration.generate(input),
  ImageGeneration.layer.pipe(Layer.provide([connection, http]))
)
holds<Same<Missing<typeof withoutFollowUp>, FollowUp.FollowUp>>()
// @ts-expect-error FollowUp is missing
export const noFollowUp = () => Effect.runPromise(withoutFollowUp)

// the endpoint alone needs it as much as the whole resource

const rawWithoutFollowUp = Effect.flatMap(ImageGeneration.Submit, (submit) => submit({ payload: input })).pipe(
  Effect.scoped,
  Effect.provide(ImageGeneration.Submit.layer.pipe(Layer.provide(connection)))
)
holds<Same<Missing<typeof rawWithoutFollowUp>, FollowUp.FollowUp>>()
// @ts-expect-error FollowUp is missing
export const noFollowUpForTheCall = () => Effect.runPromise(rawWithoutFollowUp)

// without Retry, RateLimit, HttpClient

const beat = (layer: typeof Status.layer) => Effect.provide(Status.heartbeat, layer)
holds<Same<Missing<ReturnType<typeof beat>>, HordeClient.HordeClient>>()
// @ts-expect-error the connection is missing
export const noConnection = () => Effect.runPromise(beat(Status.layer))

const withoutRetry = Effect.provide(
  Status.heartbeat,
  Status.layer.pipe(Layer.provide(HordeClient.layer()), Layer.provide([RateLimit.layer, http]))
)
holds<Same<Missing<typeof withoutRetry>, Retry.Retry>>()
// @ts-expect-error Retry is missing
export const noRetry = () => Effect.runPromise(withoutRetry)

const withoutRateLimit = Effect.provide(
  Status.heartbeat,
  Status.layer.pipe(Layer.provide(HordeClient.layer()), Layer.provide([Retry.layer(), http]))
)
holds<Same<Missing<typeof withoutRateLimit>, RateLimit.RateLimit>>()
// @ts-expect-error RateLimit is missing
export const noRateLimit = () => Effect.runPromise(withoutRateLimit)

const withoutHttp = Effect.provide(
  Status.heartbeat,
  Status.layer.pipe(Layer.provide(HordeClient.layer()), Layer.provide(limits))
)
holds<Same<Missing<typeof withoutHttp>, HttpClient>>()
// @ts-expect-error HttpClient is missing
export const noHttp = () => Effect.runPromise(withoutHttp)

const nothingRepeatedNorDelayed = Effect.provide(
  Status.heartbeat,
  Status.layer.pipe(Layer.provide(HordeClient.layer()), Layer.provide([RateLimit.layerNone, Retry.layerNone, http]))
)
holds<Same<Missing<typeof nothingRepeatedNorDelayed>, never>>()

// the whole SDK needs an HttpClient alone

holds<Same<Layer.Layer.Context<ReturnType<typeof Horde.layer>>, HttpClient>>()
const overNothing = Effect.provide(ImageGeneration.generate(input), Horde.layer())
holds<Same<Missing<typeof overNothing>, HttpClient>>()
// @ts-expect-error HttpClient is missing
export const noHttpForTheHorde = () => Effect.runPromise(overNothing)
export const overFetch = () =>
  Effect.runPromise(Effect.provide(ImageGeneration.generate(input), Horde.layer().pipe(Layer.provide(http))))

// without a scope

const horde = Horde.layer().pipe(Layer.provide(http))

const submitted = Effect.provide(ImageGeneration.submit(input), horde)
holds<Same<Missing<typeof submitted>, Scope.Scope>>()
// @ts-expect-error the job belongs to no scope
export const noScope = () => Effect.runPromise(submitted)
export const scoped = () => Effect.runPromise(Effect.scoped(submitted))

const called = Effect.provide(
  Effect.flatMap(ImageGeneration.Submit, (submit) => submit({ payload: input })),
  horde
)
holds<Same<Missing<typeof called>, Scope.Scope>>()
// @ts-expect-error the job belongs to no scope
export const noScopeForTheCall = () => Effect.runPromise(called)

declare const ticket: Parameters<typeof ImageGeneration.resume>[0]
const resumed = Effect.provide(ImageGeneration.resume(ticket), horde)
holds<Same<Missing<typeof resumed>, Scope.Scope>>()
// @ts-expect-error the job belongs to no scope
export const noScopeForTheResume = () => Effect.runPromise(resumed)

// these close their own scope

const generated = Effect.provide(ImageGeneration.generate(input), horde)
holds<Same<Missing<typeof generated>, never>>()
const followed = Effect.provide(Stream.runDrain(ImageGeneration.progress(input)), horde)
holds<Same<Missing<typeof followed>, never>>()
// and these start no job
const priced = Effect.provide(ImageGeneration.price(input), horde)
holds<Same<Missing<typeof priced>, never>>()
const created = Effect.provide(SharedKeys.create(), horde)
holds<Same<Missing<typeof created>, never>>()

// an endpoint can be replaced by its own service alone, and then nothing else is needed

const standIn = Layer.succeed(SharedKeys.Get, () => Effect.die("not asked"))
declare const id: SharedKeys.SharedKeyId
const replaced = Effect.provide(SharedKeys.get(id), standIn)
holds<Same<Missing<typeof replaced>, never>>()
const otherEndpoint = Effect.provide(SharedKeys.remove(id), standIn)
holds<Same<Missing<typeof otherEndpoint>, SharedKeys.Delete>>()
// @ts-expect-error another endpoint is asked for
export const wrongStandIn = () => Effect.runPromise(otherEndpoint)

// a recovery requires the services of each of its kinds

type Kind<K> = JobKind.JobKind<K>
declare const first: Kind<ImageGeneration.Check>
declare const second: Kind<Status.Heartbeat>
declare const list: ReadonlyArray<Kind<ImageGeneration.Check>>
type Common = FollowUp.FollowUp | JobJournal.JobJournal | HordeClient.HordeClient | Scope.Scope

const recovered = {
  both: Recovery.recover({ kinds: [first, second], policy: "cancel" }),
  list: Recovery.recover({ kinds: list, policy: "cancel" }),
  none: Recovery.recover({ kinds: [], policy: "cancel" })
}
holds<Same<Missing<typeof recovered.both>, Common | ImageGeneration.Check | Status.Heartbeat>>()
holds<Same<Missing<typeof recovered.list>, Common | ImageGeneration.Check>>()
holds<Same<Missing<typeof recovered.none>, Common>>()
