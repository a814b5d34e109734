/**
 * The load of the horde by kind: what waits, which models are served, and how fast.
 */
import { onlineWorkers } from "../jobs/onlineWorkers.js"
import * as Progress from "../jobs/progress.js"
import type { Job } from "../state/job.js"
import type { KindName, ModelKind, Types } from "../state/kind.js"
import type { Pool } from "../state/pool.js"
import type { World } from "../state/world.js"
import * as ImageModels from "./image/models.js"
import * as TextModels from "./text/models.js"

/** A kind with the amount of work of one generation, in pixelsteps, tokens or forms. */
interface Measured<T extends Types> {
  readonly pool: Pool<T>
  readonly workOf: (request: T["request"]) => number
}

export interface QueueLoad {
  /** Waiting generations. */
  readonly requests: number
  /** Their work, in pixelsteps, tokens or forms. */
  readonly work: number
  readonly workers: number
  readonly threads: number
}

export interface ActiveModel {
  readonly name: string
  /** The threads of the online workers that serve it. */
  readonly count: number
  /** Work per second of one thread, in pixelsteps or tokens; 0 if nobody has delivered anything lately. */
  readonly performance: number
  /** The work that waits for it, and the waiting generations. */
  readonly queued: number
  readonly jobs: number
  /** Seconds. */
  readonly eta: number
}

/** Pixelsteps in a megapixelstep: statistics of images count in the latter. */
export const pixelStepsPerUnit = 1_000_000

export const unitOf = (kind: KindName): number => (kind === "image" ? pixelStepsPerUnit : 1)

/** Calls a function with the measures of a kind. */
const withKind = <A>(world: World, kind: KindName, use: <T extends Types>(measured: Measured<T>) => A): A => {
  switch (kind) {
    case "image":
      return use({ pool: world.image, workOf: ({ height, steps, width }) => width * height * steps })
    case "text":
      return use({ pool: world.text, workOf: ({ maxLength }) => maxLength })
    case "alchemy":
      return use({ pool: world.alchemy, workOf: () => 1 })
  }
}

const waitingJobs = <T extends Types>({ live }: Pool<T>): ReadonlyArray<Job<T>> =>
  [...live.values()].filter((job) => !job.faulted && Progress.waiting(job) > 0)

export const queueLoad = (world: World, kind: KindName): QueueLoad =>
  withKind(world, kind, ({ pool, workOf }) => {
    const jobs = waitingJobs(pool)
    const workers = onlineWorkers(world, pool)
    return {
      requests: jobs.reduce((sum, job) => sum + Progress.waiting(job), 0),
      work: jobs.reduce((sum, job) => sum + Progress.waiting(job) * workOf(job.request), 0),
      workers: workers.length,
      threads: workers.reduce((sum, { threads }) => sum + threads, 0)
    }
  })

/** The work that was delivered in the last minute, in the unit of the kind. */
export const pastMinute = ({ now, production }: World, kind: KindName): number =>
  production.filter((one) => one.kind === kind && one.at > now - 60_000).reduce((sum, { amount }) => sum + amount, 0)

const hour = 3_600_000

const performanceOf = ({ now, production }: World, kind: ModelKind, model: string): number => {
  const recent = production.filter((one) => one.kind === kind && one.model === model && one.at > now - hour)
  const speeds = recent.map(({ amount, took }) => (1000 * amount * unitOf(kind)) / Math.max(1, took))
  return speeds.length === 0 ? 0 : speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length
}

/** The waiting time for a model that nobody serves, as the real server has it. */
const unservedEta = 10_000

/** The models of a kind that online workers serve or waiting jobs request. */
export const activeModels = (world: World, kind: ModelKind): ReadonlyArray<ActiveModel> =>
  withKind(world, kind, ({ pool, workOf }) => {
    const models = new Map<string, { count: number; queued: number; jobs: number }>()
    const entry = (name: string) => {
      const known = models.get(name) ?? { count: 0, queued: 0, jobs: 0 }
      models.set(name, known)
      return known
    }
    for (const { models: served, threads } of onlineWorkers(world, pool)) {
      for (const name of served) entry(name).count += threads
    }
    for (const job of waitingJobs(pool)) {
      for (const name of job.request.models) {
        entry(name).jobs += Progress.waiting(job)
        entry(name).queued += Progress.waiting(job) * workOf(job.request)
      }
    }
    return [...models].map(([name, { count, jobs, queued }]) => {
      const performance = performanceOf(world, kind, name)
      // One unit of work per second is assumed as long as nothing is known.
      const speed = (performance || unitOf(kind)) * count
      return { name, count, jobs, queued, performance, eta: count === 0 ? unservedEta : Math.floor(queued / speed) }
    })
  })

/** Whether the model reference has a model. */
export const isKnownModel = (kind: ModelKind, model: string): boolean =>
  kind === "image" ? ImageModels.isPublished(model) : TextModels.sizeOf(model) !== undefined
