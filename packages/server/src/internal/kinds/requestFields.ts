/**
 * The fields of a request that every kind reads and records in the same way.
 */
import type { JobBody, JobRequest } from "../state/kind.js"

type Fields = Readonly<Record<string, unknown>>

/** Empty text is false in Python, and counts as absent. */
export const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text)

/** The defaults are those that the real server applies. */
export const commonFields = (body: JobBody): Omit<JobRequest, "prompt" | "n" | "models"> => ({
  trustedWorkers: body.trusted_workers ?? false,
  workers: body.workers ?? [],
  workerBlacklist: body.worker_blacklist ?? false,
  slowWorkers: body.slow_workers ?? true,
  extraSlowWorkers: body.extra_slow_workers ?? false,
  disableBatching: body.disable_batching ?? false,
  allowDowngrade: body.allow_downgrade ?? false,
  dryRun: body.dry_run ?? false,
  extraSourceImages: body.extra_source_images?.length ?? 0,
  proxiedAccount: nonEmpty(body.proxied_account),
  webhook: body.webhook,
  style: body.style,
  templateFields: body.template_fields
})

/** These fields as newer servers return them to the API key that submitted the request. */
export const recordedFields = (request: JobRequest): Fields => ({
  trusted_workers: request.trustedWorkers,
  slow_workers: request.slowWorkers,
  extra_slow_workers: request.extraSlowWorkers,
  workers: request.workers.slice(0, 5),
  worker_blacklist: request.workerBlacklist,
  models: request.models,
  disable_batching: request.disableBatching
})

/** The fields of these names. */
export const select = (fields: Fields, names: ReadonlySet<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)))
