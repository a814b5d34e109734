/** Requests that the compiler rejects, and those that it accepts. */
// @effect-diagnostics floatingEffect:off (nothing here runs)

import type * as Brand from "effect/Brand"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import {
  Endpoint,
  EndpointMetadata,
  HordeClient,
  type HordeError,
  ImageGeneration,
  Job,
  type Rc,
  SharedKeys,
  Status
} from "effect-horde"
import { holds, type Same } from "./same.js"

declare const id: SharedKeys.SharedKeyId
declare const jobId: Job.GenerationRequestId

// unknown fields and wrong types

SharedKeys.create()
SharedKeys.create({ kudos: 500, name: "demo", expiry: 7 })
SharedKeys.create({ kudos: undefined, extra: { newer: true } })
// @ts-expect-error there is no such field
SharedKeys.create({ kudo: 500 })
// @ts-expect-error kudos are a number
SharedKeys.create({ kudos: "500" })
// @ts-expect-error null is not a value of any field
SharedKeys.create({ name: null })
// @ts-expect-error what to change is missing
SharedKeys.modify(id)
// @ts-expect-error the id of a key does not change
SharedKeys.modify(id, { id })

ImageGeneration.generate({ prompt: "a lighthouse", params: { width: 512, n: 2 } })
ImageGeneration.generate({
  prompt: "a lighthouse",
  params: { post_processing_order: "upscalers_first", use_nsfw_censor: true },
  extra_source_images: [{ image: "https://example.invalid/a.webp", original_url: "https://example.invalid/b.png" }]
})
// @ts-expect-error the prompt is missing
ImageGeneration.generate({ params: { n: 2 } })
// @ts-expect-error there is no such field
ImageGeneration.generate({ prompt: "a lighthouse", size: 512 })
// @ts-expect-error there is no such field among the parameters
ImageGeneration.generate({ prompt: "a lighthouse", params: { with: 512 } })
// @ts-expect-error steps are a number
ImageGeneration.generate({ prompt: "a lighthouse", params: { steps: "20" } })
ImageGeneration.generate({ prompt: "a lighthouse", params: { seed: 42 } })
ImageGeneration.generate({ prompt: "a lighthouse", params: { seed: "42" } })
// @ts-expect-error a seed is a number or a text
ImageGeneration.generate({ prompt: "a lighthouse", params: { seed: true } })
// @ts-expect-error asking for the price is an endpoint of its own
ImageGeneration.submit({ prompt: "a lighthouse", dry_run: true })
// @ts-expect-error and says so by itself
ImageGeneration.price({ prompt: "a lighthouse", dry_run: true })
// @ts-expect-error there is no such option
ImageGeneration.generate({ prompt: "a lighthouse" }, { timeout: "1 minute" })
// @ts-expect-error results come at the end, or as they arrive
ImageGeneration.generate({ prompt: "a lighthouse" }, { results: "at once" })

// the same for the calls themselves

export const calls = Effect.gen(function* () {
  const get = yield* SharedKeys.Get
  yield* get({ params: { id } })
  // @ts-expect-error the request is missing
  yield* get()
  // @ts-expect-error the id is missing
  yield* get({ params: {} })
  // @ts-expect-error there is no such parameter
  yield* get({ params: { id, name: "demo" } })
  // @ts-expect-error it has no body
  yield* get({ params: { id }, payload: {} })

  const heartbeat = yield* Status.Heartbeat
  yield* heartbeat()
  yield* heartbeat({})
})

// functions about a request take the same request

EndpointMetadata.url(SharedKeys.Get, { params: { id } })
// @ts-expect-error the id is missing
EndpointMetadata.url(SharedKeys.Get, {})
// @ts-expect-error the ids of jobs are not the ids of keys
EndpointMetadata.logSafe(SharedKeys.Get, { params: { id: jobId } })
// @ts-expect-error the payload is missing
EndpointMetadata.resultsExpected(ImageGeneration.Submit, {})

// ids

holds<Same<SharedKeys.SharedKeyId, Redacted.Redacted<string & Brand.Brand<"SharedKeyId">>>>()
holds<Same<ReturnType<typeof SharedKeys.sharedKeyId>, SharedKeys.SharedKeyId>>()
holds<Same<SharedKeys.SharedKeyDetails["id"], SharedKeys.SharedKeyId>>()
SharedKeys.get(SharedKeys.sharedKeyId("00000000-0000-0000-0000-000000000000"))
// @ts-expect-error a text is not hidden
SharedKeys.get("00000000-0000-0000-0000-000000000000")
// @ts-expect-error hidden, and not the id of a shared key: it may be an API key
SharedKeys.get(Redacted.make("00000000-0000-0000-0000-000000000000"))
// @ts-expect-error a text is not hidden
export const asText: string = id

// a shared key is a key

SharedKeys.create().pipe(HordeClient.withApiKey(id))
HordeClient.layer({ apiKey: id })
// @ts-expect-error a key that anyone can print
HordeClient.layer({ apiKey: "0000000000" })
// an environment variable may be unset: the layer rejects it by name and never uses the anonymous account
HordeClient.layer({ apiKey: undefined })
// @ts-expect-error a key that anyone can print
SharedKeys.create().pipe(HordeClient.withApiKey("0000000000"))

ImageGeneration.check(jobId)
ImageGeneration.check(Job.GenerationRequestId.make("00000000-0000-0000-0000-000000000000"))
// @ts-expect-error any text is not the id of a job
ImageGeneration.check("00000000-0000-0000-0000-000000000000")
// @ts-expect-error the id of a picture is not the id of its job
ImageGeneration.check(Job.GenerationId.make("00000000-0000-0000-0000-000000000000"))

// named values: any text, with suggestions for the known ones

/** A union that accepts every text, in which `Known` is still a separate member. */
type IsOpen<Values, Known extends string> = [string] extends [Values] ? Same<Extract<Values, Known>, Known> : "not open"

holds<IsOpen<ImageGeneration.Sampler, "k_euler_a" | "seeds_3">>()
holds<IsOpen<ImageGeneration.Scheduler, "karras" | "gits">>()
holds<IsOpen<ImageGeneration.SolverType, "midpoint" | "phi_2">>()
holds<IsOpen<ImageGeneration.ControlType, "canny" | "tile_ttplanet_simple">>()
holds<IsOpen<ImageGeneration.PostProcessor, "GFPGAN" | "4x_AnimeSharp">>()
holds<IsOpen<ImageGeneration.PostProcessingOrder, "facefixers_first" | "custom">>()
holds<IsOpen<ImageGeneration.SourceProcessing, "img2img" | "remix">>()
holds<IsOpen<ImageGeneration.MetadataType, "lora" | "censorship">>()
holds<IsOpen<ImageGeneration.MetadataValue, "see_ref" | "csam">>()
holds<IsOpen<Job.WarningCode, "NoAvailableWorker">>()
holds<IsOpen<Status.HeartbeatResponse["message"], "OK">>()
holds<IsOpen<Rc.Rc, "TooManyPrompts" | "KudosUpfront">>()
holds<IsOpen<Exclude<HordeError.Forbidden["rc"], undefined>, "TimeoutIP">>()
// @ts-expect-error a plain text offers nothing
holds<IsOpen<string, "k_euler_a">>()
// @ts-expect-error a closed union takes no other text
holds<IsOpen<"k_euler_a" | "lcm", "k_euler_a">>()

ImageGeneration.generate({
  prompt: "a lighthouse",
  params: { sampler_name: "of next month", control_type: "new", post_processing: ["GFPGAN", "newer"] },
  source_processing: "newest"
})
// @ts-expect-error any text, but not any value
ImageGeneration.generate({ prompt: "a lighthouse", params: { sampler_name: 1 } })

// requests and replies are readonly

declare const details: SharedKeys.SharedKeyDetails
declare const reply: ImageGeneration.RequestStatusStable
declare const input: ImageGeneration.GenerationInputStable
// @ts-expect-error a reply is read-only
details.kudos = 0
// @ts-expect-error a reply is read-only
reply.generations = []
// @ts-expect-error and so are its lists
reply.generations.push()
// @ts-expect-error a request is read-only
input.prompt = ""

// a combinator around a call keeps its type

const call = SharedKeys.get(id)
const lenient = Endpoint.lenient(call)
holds<Same<typeof lenient, typeof call>>()
const underKey = HordeClient.withApiKey(id)(call)
holds<Same<typeof underKey, typeof call>>()
const withReply = Endpoint.withReply(call)
holds<Same<Effect.Effect.Success<typeof withReply>["value"], SharedKeys.SharedKeyDetails>>()
holds<Same<Effect.Effect.Error<typeof withReply>, Effect.Effect.Error<typeof call>>>()
holds<Same<Effect.Effect.Context<typeof withReply>, SharedKeys.Get>>()
