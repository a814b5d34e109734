/**
 * A kind of jobs as a value: the rules in which kinds differ. The modules in `jobs` know no kind; they receive one.
 */
import type { Attempt, Delivery, Job } from "../state/job.js"
import type { KindName, ModelKind, Types } from "../state/kind.js"
import type { Pool } from "../state/pool.js"
import type { SharedKey } from "../state/sharedKey.js"
import type { Style } from "../state/style.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import type { Sender } from "./promptModeration.js"

/** The load of the horde: the threads of online workers, and the waiting generations. */
export interface Load {
  readonly threads: number
  readonly queue: number
}

/** A shared key's limit on a single job, and the value of the request; a negative limit is none. */
export interface JobLimit {
  readonly unit: string
  readonly limit: number
  readonly value: number
}

/** The checks of a request, each in its place in the order of the real server. */
export interface Checks<Request> {
  /** After the checks of the account and of the prompt. */
  readonly request: (request: Request) => void
  /** Whether the database can store the request. */
  readonly storable: (request: Request) => void
  /** After the server has stored the request. */
  readonly stored: (request: Request) => void
  readonly limits: (key: SharedKey, request: Request) => ReadonlyArray<JobLimit>
}

export interface Prices<Request> {
  /** Charged once, when a job enters the queue; `styled` by a style of another account. */
  readonly tax: (request: Request, styled: boolean) => number
  /** The price of the whole job, as a dry run replies. */
  readonly dryRun: (request: Request) => number
  /** The fields that the price of a dry run depends on: the key of the price cache. */
  readonly key: (request: Request) => string
  /** The price that a shared key and a balance must cover. */
  readonly estimate: (request: Request) => number
  /** Whether the job is so large that the balance must cover its price when it is submitted. */
  readonly neededUpfront: (request: Request, load: Load) => boolean
  /** A request that is small enough for a balance that does not cover the price. */
  readonly smaller: (request: Request, load: Load) => Request
}

/** The value of a delivered generation. */
export interface Settlement {
  /** The kudos that the job's owner pays. */
  readonly price: number
  /** The kudos that the worker earns, as the reply to it says. */
  readonly reward: number
  /** The part of the reward that the worker's owner gets. */
  readonly credited: number
  /** The amounts in the statistics of the two, in the unit of the kind. */
  readonly used: number
  readonly contributed: number
}

export interface StyleRules<Request> {
  readonly type: ModelKind
  /** A request with the prompt, parameters and models of a style. */
  readonly apply: (request: Request, style: Style) => Request
}

/** The number of generations that an account may have waiting. */
export interface Quota {
  /** How many of them each unit of the account's concurrency allows. */
  readonly factor: number
  /** Whether generations that a worker is working on count too. */
  readonly countsRunning: boolean
  /** Whether those of the anonymous account are counted per model. */
  readonly byModel: boolean
}

export const generationQuota: Quota = { factor: 1, countsRunning: false, byModel: true }

export interface Next {
  readonly part: number
  readonly id: string
}

/** Generations that are all alike. */
export const alike = {
  parts: (): number => 1,
  next: (world: World): Next => ({ part: 0, id: world.uuid() })
}

export interface JobKind<T extends Types> {
  readonly name: KindName
  readonly poolOf: (world: World) => Pool<T>
  /** The request with a moderated prompt. Refuses a suspicious prompt and, in some kinds, a banned IP address. */
  readonly moderate: (world: World, sender: Sender, request: T["request"]) => T["request"]
  readonly checks: Checks<T["request"]>
  /** Undefined if there are no styles for these jobs. */
  readonly styles: StyleRules<T["request"]> | undefined
  readonly prices: Prices<T["request"]>
  /** Whether shared keys are accepted. */
  readonly sharedKeys: boolean
  readonly quota: Quota
  /** Whether a worker must offer a model. */
  readonly needsModels: boolean
  /** The number of parts of a job that differ from each other; 1 if all generations are alike. */
  readonly parts: (request: T["request"]) => number
  /** The part of a job that a worker takes next, and the id of the attempt. */
  readonly next: (world: World, job: Job<T>, worker: Worker<T>) => Next
  /** The seed of the next generation; `remaining` generations come after it. */
  readonly seed: (world: World, request: T["request"], remaining: number) => number
  /** The milliseconds that a worker has for one generation. */
  readonly timeLimit: (request: T["request"], worker: Worker<T>) => number
  readonly settle: (attempt: Attempt<T>, delivery: Delivery<T>) => Settlement
  /** The value of an attempt that ends with the cancel of its job; undefined if running attempts continue. */
  readonly settleCancelled: ((attempt: Attempt<T>) => Settlement) | undefined
  /** Whether a generation returns to the queue after a worker has reported a failure. */
  readonly retries: (job: Job<T>) => boolean
  /** The number of generations that complete a cancelled job. */
  readonly cancelledTarget: (job: Job<T>) => number
  /** The abilities for the job that a worker lacks: the names under which a pop's reply counts skipped jobs. */
  readonly lacks: (job: Job<T>, abilities: T["abilities"]) => ReadonlyArray<string>
  /** How many generations of a job a worker may take at once. */
  readonly maxBatch: (job: Job<T>, worker: Worker<T>) => number
  /** The result of a built-in worker; `undefined` if the attempt fails. */
  readonly produce: (world: World, attempt: Attempt<T>) => T["result"] | undefined
}
