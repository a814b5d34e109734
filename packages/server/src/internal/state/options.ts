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
  /** Its name in replies; `embedded` by default. */
  readonly name?: string
  /** The models it serves; by default `stable_diffusion` and a few more. */
  readonly models?: ReadonlyArray<string>
  /**
   * The time for one picture; 2 seconds by default. Like the real server, the embedded one gives up on an attempt after
   * about two and a half minutes.
   */
  readonly takes?: Duration.DurationInput
  /** The delay until an idle worker starts on new work; 1 second by default. */
  readonly startsAfter?: Duration.DurationInput
  /** Whether it counts as online when the server decides what is possible; true by default. */
  readonly online?: boolean
  /** Whether it takes jobs from the queue; true by default. */
  readonly takesJobs?: boolean
}

/**
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The accounts to start with, in addition to the anonymous one; `Accounts.defaults` by default. */
  readonly accounts?: ReadonlyArray<Account>
  /** The built-in workers; by default one that serves the usual models. `false` for none. */
  readonly worker?: false | WorkerOptions | ReadonlyArray<WorkerOptions>
  /** Makes ids and seeds repeatable; by default they differ from run to run. */
  readonly seed?: number
  /** Whether new jobs are refused because the horde is in maintenance; false by default. */
  readonly maintenance?: boolean
  /** `raised` gives every caller the limits on submits that trusted callers have; `published` by default. */
  readonly limits?: "published" | "raised"
  /**
   * Whether `GET /v2/generate/request/{id}` returns the request of a job; true by default. With `false` the server
   * behaves as an older version, which does not have this path.
   */
  readonly exposesRequests?: boolean
  /** Which prompts the content filter refuses; none by default. */
  readonly corruptPrompt?: (prompt: string) => boolean
}
