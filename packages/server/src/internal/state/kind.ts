/**
 * The parts of the data that depend on the kind of a job: its request, its results, and the capabilities of its workers.
 */

export type KindName = "image" | "text" | "alchemy"

/** The kinds whose jobs run on models. */
export type ModelKind = Exclude<KindName, "alchemy">

/** The fields that the body of a valid request of every kind has. */
export interface JobBody extends Readonly<Record<string, unknown>> {
  readonly trusted_workers?: boolean
  readonly slow_workers?: boolean
  readonly extra_slow_workers?: boolean
  readonly workers?: ReadonlyArray<string>
  readonly worker_blacklist?: boolean
  readonly models?: ReadonlyArray<string>
  readonly extra_source_images?: ReadonlyArray<unknown>
  readonly dry_run?: boolean
  readonly proxied_account?: string
  readonly disable_batching?: boolean
  readonly allow_downgrade?: boolean
  readonly webhook?: string
  readonly style?: string
  readonly template_fields?: Readonly<Record<string, string>>
}

/** The fields of a request that every kind has. */
export interface JobRequest {
  /** Undefined if the kind has no prompts. */
  readonly prompt: string | undefined
  /** The number of requested generations. */
  readonly n: number
  /** The models that may be used; empty for any. */
  readonly models: ReadonlyArray<string>
  readonly trustedWorkers: boolean
  readonly workers: ReadonlyArray<string>
  readonly workerBlacklist: boolean
  readonly slowWorkers: boolean
  readonly extraSlowWorkers: boolean
  readonly disableBatching: boolean
  readonly allowDowngrade: boolean
  readonly dryRun: boolean
  /** The number of extra source images. */
  readonly extraSourceImages: number
  readonly proxiedAccount: string | undefined
  readonly webhook: string | undefined
  readonly style: string | undefined
  readonly templateFields: Readonly<Record<string, string>> | undefined
}

/** The capabilities that an external worker of any kind declared when it last registered. */
export interface Abilities {
  /** Whether the server knows the worker's program; other programs can only take some of the jobs. */
  readonly knownBridge: boolean
  readonly blacklist: ReadonlyArray<string>
  readonly extraSlow: boolean
  readonly upfrontKudos: boolean
  /** The usernames whose jobs have priority, its owner's included. */
  readonly prefers: ReadonlySet<string>
}

/** The types of one kind. */
export interface Types {
  readonly request: JobRequest
  readonly result: unknown
  readonly abilities: Abilities
}
