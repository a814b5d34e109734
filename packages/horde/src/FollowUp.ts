/**
 * Tracks started jobs, and cancels unfinished ones when their scope closes.
 *
 * A job is registered before its id can be lost. It is settled by a reply that reports its end, by a successful cancel,
 * by a reply that the server has no such job, or by handing it over ({@link Service.detach}). A job that is not settled
 * when its scope closes is cancelled, on success, failure, interruption and defect alike.
 *
 * If the process dies, its unfinished jobs are in its journal (`JobJournal`), and `Recovery` takes them over.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { HordeClient } from "./HordeClient.js"
import { FollowUp, type Options, type Service } from "./internal/jobs/followUpService.js"
import * as tracker from "./internal/jobs/tracker.js"
import type { JobJournal } from "./JobJournal.js"
import type { JobQuota } from "./JobQuota.js"

export { type Ending, FollowUp, type Options, type Service, type Unfinished } from "./internal/jobs/followUpService.js"

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, HordeClient | JobJournal | JobQuota | Scope.Scope> => tracker.make(options)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<FollowUp, never, HordeClient | JobJournal | JobQuota> =>
  Layer.scoped(FollowUp, make(options))
