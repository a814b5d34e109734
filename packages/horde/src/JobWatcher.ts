/**
 * Polls all jobs of a layer.
 *
 * All consumers of one job (its result, a stream of its progress, `ImageGeneration.save`) share its polls and downloads, and
 * a job without a consumer is not polled. All jobs of a layer share a budget of polls per second: if more are due, jobs that
 * are expected to end first have priority, and the intervals of the others grow.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as watcher from "./internal/jobs/watcher.js"

export type { Observation, PollRequest, Polls, Service, Subscription } from "./internal/jobs/watcher.js"

/**
 * @since 0.1.0
 * @category tags
 */
export class JobWatcher extends Context.Tag("effect-horde/JobWatcher")<JobWatcher, watcher.Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The maximum number of polls per second, for all jobs together: above 0, 50 by default and for any other number. */
  readonly pollsPerSecond?: number
}

const defaultPollsPerSecond = 50

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): watcher.Service => {
  const { pollsPerSecond = defaultPollsPerSecond } = options
  return watcher.make(pollsPerSecond > 0 ? pollsPerSecond : defaultPollsPerSecond)
}

/**
 * The watcher with its default budget. The layers of images, texts and alchemy contain it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<JobWatcher> = Layer.sync(JobWatcher, make)

/**
 * A watcher with another budget. It replaces the default one: `Layer.merge(Horde.layer(), JobWatcher.layerWith(options))`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<JobWatcher> => Layer.sync(JobWatcher, () => make(options))
