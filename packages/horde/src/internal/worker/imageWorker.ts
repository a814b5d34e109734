/**
 * A worker that generates images. Programs import it from `Worker`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type { ImageFile } from "../../Download.js"
import type { FollowUp } from "../../FollowUp.js"
import type { HordeClient } from "../../HordeClient.js"
import type { SourceProcessing } from "../image/models/values.js"
import type { GenerationId } from "../jobs/models.js"
import { PopImage, SubmitImage } from "./endpoints.js"
import type { RunError, RunOptions, SourceImageOptions } from "./events.js"
import { type Censorship, callGenerator, stateOf, threadsOf, ttlOf } from "./generated.js"
import { poppedImage } from "./kinds.js"
import * as Pictures from "./pictures.js"
import type { PopInputStable } from "./popInput.js"
import type { PoppedJob } from "./popJobs.js"
import type { GenerationPayloadStable, ModelPayloadStable } from "./popReply.js"
import { run } from "./run.js"
import type { SubmitMetadata } from "./submitInput.js"

/**
 * A job of an image worker: one image.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageJob {
  readonly id: GenerationId
  /** The model that the worker has to use. */
  readonly model: string
  readonly payload: ModelPayloadStable
  /** The seed of this image: that of the payload, plus the index of the job in its pop. */
  readonly seed: number
  readonly source_image?: ImageFile
  readonly source_mask?: ImageFile
  readonly extra_source_images?: ReadonlyArray<{ readonly image: ImageFile; readonly strength?: number }>
  /** `img2img` also for jobs without a source image. */
  readonly source_processing?: SourceProcessing
}

/**
 * A generated image: its bytes, or an object with more.
 *
 * @since 0.1.0
 * @category models
 */
export type ImageResult =
  | Uint8Array
  | {
      /** A complete picture, best as WebP; of a censored one, the replacement. */
      readonly bytes: Uint8Array
      /** The seed with which it was generated; that of the job by default. */
      readonly seed?: number
      readonly censored?: Censorship
      readonly metadata?: ReadonlyArray<SubmitMetadata>
    }

/**
 * The options of {@link runImage}: the fields of its pops, and how it works.
 *
 * @since 0.1.0
 * @category options
 */
export interface ImageWorkerOptions<R = never> extends PopInputStable, RunOptions<R> {
  /** Generates one image. A failure or a defect fails its job only. It is interrupted at the end of the job's `ttl`. */
  readonly generate: (job: ImageJob) => Effect.Effect<ImageResult, unknown, R>
  readonly sourceImages?: SourceImageOptions
}

type Calls = PopImage | SubmitImage

/** The server recognises a censored image by its metadata, and not by its state. */
const metadataOf = ({ censored, metadata = [] }: Exclude<ImageResult, Uint8Array>) => {
  const all = censored === undefined ? metadata : [...metadata, { type: "censorship", value: censored } as const]
  return all.length === 0 ? {} : { gen_metadata: all }
}

/** The parts of a job that are downloaded. */
const downloads = (reply: GenerationPayloadStable, { source }: Pictures.Pictures) =>
  Effect.gen(function* () {
    const { extra_source_images, source_image, source_mask } = reply
    const extra = yield* Effect.forEach(extra_source_images ?? [], ({ image, strength }) =>
      Effect.map(source(image ?? ""), (file) => ({ image: file, ...(strength === undefined ? {} : { strength }) }))
    )
    return {
      ...(source_image === undefined ? {} : { source_image: yield* source(source_image) }),
      ...(source_mask === undefined ? {} : { source_mask: yield* source(source_mask) }),
      ...(extra.length === 0 ? {} : { extra_source_images: extra })
    }
  })

const jobsIn = <R>(
  reply: GenerationPayloadStable,
  generate: ImageWorkerOptions<R>["generate"],
  pictures: Pictures.Pictures
): Effect.Effect<ReadonlyArray<PoppedJob<R | Calls>>> =>
  Effect.gen(function* () {
    const { id, ids, model, payload = {}, r2_upload, r2_uploads, source_processing } = reply
    const sources = yield* Effect.cached(downloads(reply, pictures))
    const all = ids.length > 0 || id === undefined ? ids : [id]
    const firstSeed = Number(payload.seed)
    return all.map((id, index): PoppedJob<R | Calls> => {
      const seed = Number.isSafeInteger(firstSeed + index) ? firstSeed + index : 0
      const link = r2_uploads?.[index] ?? (index === 0 ? r2_upload : undefined)
      return {
        id,
        generate: Effect.gen(function* () {
          const about = { id, model: model ?? "", payload, seed, ...(yield* sources) }
          const job = source_processing === undefined ? about : { ...about, source_processing }
          const result = yield* callGenerator(generate, job)
          const image = result instanceof Uint8Array ? { bytes: result } : result
          const generation = yield* pictures.deliver(image.bytes, link)
          const delivered = {
            id,
            generation,
            seed: image.seed ?? seed,
            ...stateOf(image.censored),
            ...metadataOf(image)
          }
          return Effect.flatMap(SubmitImage, (submit) => submit({ payload: delivered }))
        })
      }
    })
  })

/**
 * Runs a worker that generates images: it pops jobs, calls `generate` for each image, uploads or submits the result,
 * and pops again, until `stop` succeeds or the server refuses it for good ({@link RunError}).
 *
 * - It generates at most `threads` × `amount` images at the same time. Without a job, and after a refusal that passes
 *   (maintenance, a time-out of the IP address, a rate limit, a lost connection), it pops again after a pause.
 * - If it is interrupted or fails, its current jobs are returned to the server as faulted; with `stop`, they are
 *   finished. Jobs of a process that was killed are returned by `Recovery` with `Worker.poppedImage`, which is in
 *   `Horde.kinds`. Jobs of a pop whose reply was lost go to another worker after their `ttl`.
 * - A result whose submit got no reply is submitted again within the `ttl`. The server takes one result for each job.
 *
 * @example
 * ```ts
 * import * as Worker from "effect-horde/Worker"
 * import * as Effect from "effect/Effect"
 *
 * export const worker = (draw: (prompt: string, seed: number) => Promise<Uint8Array>) =>
 *   Worker.runImage({
 *     name: "my worker",
 *     models: ["stable_diffusion"],
 *     bridge_agent: "my program:1.0:https://example.org",
 *     generate: ({ payload, seed }) => Effect.tryPromise(() => draw(payload.prompt ?? "", seed)),
 *     onEvent: (event) => (event._tag === "Submitted" ? Effect.log(`${event.kudos} kudos`) : Effect.void)
 *   })
 * ```
 *
 * @since 0.1.0
 * @category workers
 */
export const runImage = <R = never>(
  options: ImageWorkerOptions<R>
): Effect.Effect<void, RunError, R | Calls | FollowUp | HordeClient | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { generate, maxPause: _pause, onEvent: _event, sourceImages = {}, stop: _stop, ...payload } = options
    const pictures = yield* Pictures.make(sourceImages)
    const pop = yield* PopImage
    const popJobs = Effect.flatMap(pop({ payload }), (reply) =>
      Effect.map(jobsIn(reply, generate, pictures), (jobs) => ({
        jobs,
        model: reply.model,
        ttl: ttlOf(reply.ttl),
        messages: reply.messages,
        skipped: reply.skipped ?? {}
      }))
    )
    yield* run({ rule: poppedImage.starts, pop: popJobs }, threadsOf(options.threads), options)
  })
