/** How a kind of job is polled. */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type { JobView } from "./jobView.js"
import type { Delivered } from "./results.js"
import type { Ticket } from "./ticket.js"
import type { Polls, Subscription } from "./watcher.js"

/** The server has no such job (any more). */
export class JobNotFound extends Data.TaggedError("JobNotFound") {}

/** The fields of a poll's error that decide about a retry. */
export interface PollError {
  readonly _tag: string
  readonly message: string
  readonly isRetryable: boolean
  readonly retryAfter?: Duration.Duration | undefined
}

/** How a kind of job is polled. */
export interface Source<Check, Reply extends Check, Result, E> {
  readonly ticket: Ticket
  /** The path template of its status, for errors. */
  readonly path: string
  /** The requested models, for errors; empty if they are unknown. */
  readonly models: ReadonlyArray<string>
  readonly viewOf: (check: Check) => JobView
  /** The state in a reply with results, without them: it is an event, and programs log events. */
  readonly checkOf: (reply: Reply) => Check
  readonly polls: Polls<Check, Reply, E | JobNotFound>
  /** The results of a reply. Their downloads are shared. */
  readonly resultsOf: (
    reply: Reply,
    share: Subscription<unknown, unknown, unknown>["share"]
  ) => ReadonlyArray<Delivered<Result>>
}
