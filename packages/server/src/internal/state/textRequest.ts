/**
 * Text requests: the JSON body that passed validation, and the request that a job keeps.
 */
import type { JobRequest } from "./kind.js"

/** The field `params` of a valid request. */
export interface TextParams extends Readonly<Record<string, unknown>> {
  readonly n?: number
  readonly max_length?: number
  readonly max_context_length?: number
  readonly sampler_order?: ReadonlyArray<number>
  readonly stop_sequence?: ReadonlyArray<string>
}

/** The body of a valid request. The schema does not require the prompt: the argument parser does. */
export interface TextBody extends Readonly<Record<string, unknown>> {
  readonly prompt?: string
  readonly params?: TextParams
  readonly trusted_workers?: boolean
  readonly validated_backends?: boolean
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
}

/** A request with the server's defaults in place of absent fields. */
export interface TextRequest extends JobRequest {
  /** The maximum length of the text, in tokens. */
  readonly maxLength: number
  readonly maxContextLength: number
  readonly stopSequences: ReadonlyArray<string>
  readonly validatedBackends: boolean
  /** The field `params` as received; parameters that only workers use are passed through from here. */
  readonly params: TextParams
  /** The whole body as received. */
  readonly body: TextBody
}
