/**
 * A worker that processes alchemy forms. Programs import it from `Worker`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type { ImageFile } from "../../Download.js"
import type { FollowUp } from "../../FollowUp.js"
import type { HordeClient } from "../../HordeClient.js"
import type { FormPayload } from "../alchemy/models.js"
import type { AlchemyForm } from "../alchemy/values.js"
import type { GenerationId } from "../jobs/models.js"
import { PopAlchemy, SubmitAlchemy } from "./endpoints.js"
import type { Fault, RunError, RunOptions, SourceImageOptions } from "./events.js"
import { callGenerator, invalidResult, threadsOf } from "./generated.js"
import { poppedForm } from "./kinds.js"
import * as Pictures from "./pictures.js"
import type { InterrogationPopInput } from "./popInput.js"
import type { PoppedJob } from "./popJobs.js"
import type { InterrogationPopFormPayload } from "./popReply.js"
import { run } from "./run.js"

/**
 * A job of an alchemy worker: one form.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormJob {
  readonly id: GenerationId
  readonly form: AlchemyForm
  readonly payload?: FormPayload
  readonly source_image: ImageFile
}

/**
 * The result of a form: the bytes of a picture for a post-processor, otherwise the value that the form defines, such as
 * a text for `caption`, or a boolean for `nsfw`.
 *
 * @since 0.1.0
 * @category models
 */
export type FormResult =
  | Uint8Array
  | string
  | number
  | boolean
  | ReadonlyArray<unknown>
  | { readonly [field: string]: unknown }

/**
 * The options of {@link runAlchemy}: the fields of its pops, and how it works.
 *
 * @since 0.1.0
 * @category options
 */
export interface AlchemyWorkerOptions<R = never> extends InterrogationPopInput, RunOptions<R> {
  /** Processes one form. A failure or a defect fails its form only. It is interrupted after three minutes. */
  readonly generate: (job: FormJob) => Effect.Effect<FormResult, unknown, R>
  readonly sourceImages?: SourceImageOptions
}

type Calls = PopAlchemy | SubmitAlchemy

/** The seconds after which the server gives a form to another worker. The reply does not have them. */
const formTtl = 180

/** The result as the submit has it: a picture for the link is uploaded. */
const deliver = (
  result: FormResult,
  link: string | undefined,
  pictures: Pictures.Pictures
): Effect.Effect<unknown, Fault> => {
  if (result instanceof Uint8Array) {
    return link === undefined
      ? Effect.fail(invalidResult("the result is a picture, which this form does not have"))
      : pictures.deliver(result, link)
  }
  return link === undefined ? Effect.succeed(result) : Effect.fail(invalidResult("the result is not a picture"))
}

const jobOf =
  <R>(generate: AlchemyWorkerOptions<R>["generate"], pictures: Pictures.Pictures) =>
  ({ form = "", id, payload, r2_upload, source_image }: InterrogationPopFormPayload): PoppedJob<R | Calls> => ({
    id,
    generate: Effect.gen(function* () {
      const source = yield* pictures.source(source_image ?? "")
      const job = { id, form, source_image: source, ...(payload === undefined ? {} : { payload }) }
      const result = yield* deliver(yield* callGenerator(generate, job), r2_upload, pictures)
      const delivered = { id, result: { [form]: result }, state: "ok" }
      return Effect.flatMap(SubmitAlchemy, (submit) => submit({ payload: delivered }))
    })
  })

/**
 * Runs a worker that processes alchemy forms, until `stop` succeeds or the server refuses it for good
 * ({@link RunError}). Otherwise like {@link runImage}. `Recovery` returns the forms of a killed process with
 * `Worker.poppedForm`.
 *
 * @since 0.1.0
 * @category workers
 */
export const runAlchemy = <R = never>(
  options: AlchemyWorkerOptions<R>
): Effect.Effect<void, RunError, R | Calls | FollowUp | HordeClient | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { generate, maxPause: _pause, onEvent: _event, sourceImages = {}, stop: _stop, ...payload } = options
    const pictures = yield* Pictures.make(sourceImages)
    const pop = yield* PopAlchemy
    const popJobs = Effect.map(pop({ payload }), ({ forms, skipped = {} }) => ({
      jobs: forms.map(jobOf(generate, pictures)),
      model: undefined,
      ttl: formTtl,
      messages: [],
      skipped
    }))
    yield* run({ rule: poppedForm.starts, pop: popJobs }, threadsOf(options.threads), options)
  })
