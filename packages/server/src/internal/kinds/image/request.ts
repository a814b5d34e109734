/**
 * An image request after validation, with the server's real defaults in place of what was left out. They differ from
 * the published ones here and there, as they do on the real server.
 */

export interface ImageRequest {
  readonly prompt: string
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly n: number
  readonly cfgScale: number
  readonly samplerName: string
  readonly karras: boolean
  readonly seed: string | undefined
  readonly seedVariation: number | undefined
  readonly controlType: string | undefined
  readonly postProcessing: ReadonlyArray<string>
  readonly loras: number
  readonly tis: number
  readonly models: ReadonlyArray<string>
  readonly modelsGiven: boolean
  readonly nsfw: boolean
  readonly censorNsfw: boolean
  readonly trustedWorkers: boolean
  readonly workers: ReadonlyArray<string>
  readonly workerBlacklist: boolean
  readonly slowWorkers: boolean
  readonly extraSlowWorkers: boolean
  readonly disableBatching: boolean
  readonly allowDowngrade: boolean
  readonly replacementFilter: boolean
  readonly r2: boolean
  readonly dryRun: boolean
  readonly sourceImage: string | undefined
  readonly sourceMask: string | undefined
  readonly sourceProcessing: string
  readonly extraSourceImages: number
  readonly proxiedAccount: string | undefined
  readonly webhook: string | undefined
  readonly style: string | undefined
  readonly workflow: string | undefined
  /** The parameters as they came: those that only a worker cares about are handed through. */
  readonly params: Readonly<Record<string, unknown>>
  /** All of it as it came. */
  readonly body: Readonly<Record<string, unknown>>
  /** Further source images as they came. */
  readonly extraSources: ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
}

/** Python's truth: empty text counts as none. */
const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text)

/** Reads a body that the schema has let pass, so that every field has the type it should, or is absent. */
export const fromBody = (body: Readonly<Record<string, unknown>>): ImageRequest => {
  const params = (body["params"] ?? {}) as Readonly<Record<string, unknown>>
  const pick = <A>(from: Readonly<Record<string, unknown>>, name: string, otherwise: A): A =>
    from[name] === undefined ? otherwise : (from[name] as A)
  const controlType = pick<string | undefined>(params, "control_type", undefined)
  const steps = pick(params, "steps", controlType === undefined ? 30 : 20)
  return {
    prompt: pick(body, "prompt", ""),
    width: pick(params, "width", 512),
    height: pick(params, "height", 512),
    steps: controlType === undefined ? steps : Math.min(steps, 40),
    n: pick(params, "n", 1),
    cfgScale: pick(params, "cfg_scale", 5),
    samplerName: pick(params, "sampler_name", "k_euler_a"),
    karras: pick(params, "karras", true),
    seed: pick<string | undefined>(params, "seed", undefined),
    seedVariation: pick<number | undefined>(params, "seed_variation", undefined),
    controlType,
    postProcessing: pick<ReadonlyArray<string>>(params, "post_processing", []),
    loras: pick<ReadonlyArray<unknown>>(params, "loras", []).length,
    tis: pick<ReadonlyArray<unknown>>(params, "tis", []).length,
    models: pick<ReadonlyArray<string>>(body, "models", ["stable_diffusion"]),
    modelsGiven: body["models"] !== undefined,
    nsfw: pick(body, "nsfw", true),
    censorNsfw: pick(body, "censor_nsfw", true),
    trustedWorkers: pick(body, "trusted_workers", false),
    workers: pick<ReadonlyArray<string>>(body, "workers", []),
    workerBlacklist: pick(body, "worker_blacklist", false),
    slowWorkers: pick(body, "slow_workers", true),
    extraSlowWorkers: pick(body, "extra_slow_workers", false),
    disableBatching: pick(body, "disable_batching", false),
    allowDowngrade: pick(body, "allow_downgrade", false),
    replacementFilter: pick(body, "replacement_filter", true),
    r2: pick(body, "r2", true),
    dryRun: pick(body, "dry_run", false),
    sourceImage: nonEmpty(pick<string | undefined>(body, "source_image", undefined)),
    sourceMask: nonEmpty(pick<string | undefined>(body, "source_mask", undefined)),
    sourceProcessing: pick(body, "source_processing", "img2img"),
    extraSourceImages: pick<ReadonlyArray<unknown>>(body, "extra_source_images", []).length,
    proxiedAccount: nonEmpty(pick<string | undefined>(body, "proxied_account", undefined)),
    webhook: pick<string | undefined>(body, "webhook", undefined),
    style: pick<string | undefined>(body, "style", undefined),
    workflow: pick<string | undefined>(params, "workflow", undefined),
    params,
    body,
    extraSources: pick<ImageRequest["extraSources"]>(body, "extra_source_images", undefined)
  }
}
