/**
 * Text requests: the JSON body that passed validation, and the request that a job keeps.
 */
import type { JobBody, JobRequest } from "./kind.js"

/** The field `params` of a valid request. */
export interface TextParams extends Readonly<Record<string, unknown>> {
  readonly n?: number
  readonly max_length?: number
  readonly max_context_length?: number
  readonly sampler_order?: ReadonlyArray<number>
  readonly stop_sequence?: ReadonlyArray<string>
}

/** The body of a valid request. The schema does not require the prompt: the argument parser does. */
export interface TextBody extends JobBody {
  readonly prompt?: string
  readonly params?: TextParams
  readonly validated_backends?: boolean
}

/** A request with the server's defaults in place of absent fields. */
export interface TextRequest extends JobRequest {
  readonly prompt: string
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
