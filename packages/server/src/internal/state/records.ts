/**
 * The server's record of requests and jobs; `HordeServer` exports these types.
 */

/**
 * A request as the server recorded it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Exchange {
  /** The time of arrival, in milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  /** The path without the query. */
  readonly path: string
  /** The path template, such as `/v2/generate/check/:id`; undefined for an unknown path. */
  readonly route: string | undefined
  /** The role of the account that the API key belongs to; for a shared key, its owner's. */
  readonly account: string | undefined
  /** The job that the request refers to or that it started. */
  readonly requestId: string | undefined
  /** The status that was sent or, if the reply was lost, would have been sent; undefined if there was no reply. */
  readonly status: number | undefined
  /** How much of the reply the caller received. */
  readonly delivered: "whole" | "reset" | "truncated" | "hanging"
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A job as the server recorded it. The record keeps it after the server has forgotten the job.
 *
 * - `waiting`, `processing`: unfinished; a client must still cancel or await it
 * - `finished`: all pictures, texts or forms delivered
 * - `cancelled`: cancelled before it was over
 * - `short`: over with fewer pictures, texts or forms than requested, without an error
 * - `faulted`: given up by the server
 * - `expired`: forgotten before it was over: by age, with its shared key, or by a scripted fault
 *
 * @since 0.1.0
 * @category models
 */
export interface JobRecord {
  readonly id: string
  readonly kind: "image" | "text" | "alchemy"
  /** Empty for alchemy. */
  readonly prompt: string
  /** The number of requested pictures, texts or forms. */
  readonly n: number
  readonly createdAt: number
  readonly finished: number
  /** The ids of the delivered generations. Replies contain those of pictures only. */
  readonly generations: ReadonlyArray<string>
  readonly processing: number
  readonly waiting: number
  readonly restarted: number
  readonly faulted: boolean
  /** The time of the first cancel, if the job was not over by then. */
  readonly cancelledAt: number | undefined
  /** How often it was cancelled. */
  readonly cancels: number
  readonly state: "waiting" | "processing" | "finished" | "cancelled" | "short" | "faulted" | "expired"
  /** The role of the account that pays. */
  readonly account: string
}
