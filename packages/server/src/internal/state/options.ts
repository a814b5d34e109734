/**
 * The options of an embedded horde; `HordeServer` exports them.
 */
import type * as Duration from "effect/Duration"
import type { Account } from "../../Accounts.js"

/**
 * A built-in worker.
 *
 * @since 0.1.0
 * @category options
 */
export interface WorkerOptions {
  /** Its name in replies; by default `embedded`, `embedded text` for texts, and `embedded alchemy` for alchemy. */
  readonly name?: string
  /** The models that it serves; by default a few known ones, such as `stable_diffusion` or `koboldcpp/LLaMA`. */
  readonly models?: ReadonlyArray<string>
  /**
   * The time that it takes for one picture, text or form; 2 seconds by default. Like the real server, the embedded one
   * fails an attempt that takes too long: a text, or a picture of the default size, after two and a half minutes.
   */
  readonly takes?: Duration.DurationInput
  /** The delay until an idle worker starts with a new job; 1 second by default. */
  readonly startsAfter?: Duration.DurationInput
  /** Whether it is online: if no online worker can take a job, the job is not possible. True by default. */
  readonly online?: boolean
  /** Whether it takes jobs from the queue; true by default. */
  readonly takesJobs?: boolean
}

/**
 * A built-in worker that processes images. It takes all forms.
 *
 * @since 0.1.0
 * @category options
 */
export interface AlchemyWorkerOptions extends Omit<WorkerOptions, "models"> {}

/**
 * The options of an embedded horde.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The accounts to start with, in addition to the anonymous one; `Accounts.defaults` by default. */
  readonly accounts?: ReadonlyArray<Account>
  /**
   * The built-in workers that render pictures, or `false` for no built-in workers of any kind; one worker with the
   * default options by default.
   */
  readonly worker?: false | WorkerOptions | ReadonlyArray<WorkerOptions>
  /**
   * The built-in workers that write texts, or `false` for none; one worker with the default options by default, none if
   * `worker` is `false`.
   */
  readonly textWorker?: false | WorkerOptions | ReadonlyArray<WorkerOptions>
  /**
   * The built-in workers that process images, or `false` for none; one worker with the default options by default, none
   * if `worker` is `false`. Results are computed from the pixels; the caption of a picture of the built-in painter is
   * the painter's description. A form fails if its source image is a link to another server, which the embedded horde
   * does not open, or if its result would have more than 4096 × 4096 pixels.
   */
  readonly alchemyWorker?: false | AlchemyWorkerOptions | ReadonlyArray<AlchemyWorkerOptions>
  /** The seed of ids, and of the seeds of pictures and texts, to make them reproducible; random by default. */
  readonly seed?: number
  /** Whether new jobs are refused because the horde is in maintenance; false by default. */
  readonly maintenance?: boolean
  /** With `raised`, every caller has the higher submit limits of trusted callers; `published` by default. */
  readonly limits?: "published" | "raised"
  /**
   * Whether `GET /v2/generate/request/{id}` and `GET /v2/generate/text/request/{id}` return the request of a job; true
   * by default. With `false` the server behaves as version 5.1.5, without these paths and without what else is newer.
   */
  readonly exposesRequests?: boolean
  /** Returns whether the content filter refuses the prompt of an image job; by default it refuses none. */
  readonly corruptPrompt?: (prompt: string) => boolean
}
