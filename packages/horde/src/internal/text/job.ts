/** Makes a text job from a submit or from a ticket. */
import * as Effect from "effect/Effect"
import type * as Endpoint from "../../Endpoint.js"
import type { FollowUp } from "../../FollowUp.js"
import type * as HordeError from "../../HordeError.js"
import type { Job } from "../../Job.js"
import type { JobWatcher } from "../../JobWatcher.js"
import * as jobs from "../jobs/job.js"
import { viewOf, withoutResults } from "../jobs/jobView.js"
import type { RequestStatusCheck } from "../jobs/models.js"
import type { Source } from "../jobs/source.js"
import type { Ticket } from "../jobs/ticket.js"
import type { WaitSettings } from "../jobs/waitSettings.js"
import { Cancel, Status } from "./endpoints.js"
import { type GeneratedText, textsIn } from "./generatedText.js"
import type { RequestStatusKobold } from "./models/reply.js"

/**
 * The errors of the wait for a job, other than the errors of the job itself (`HordeError.JobError`). Transient errors
 * (a lost connection, an error page of a proxy, a server error) are retried until the deadline. A refusal ends the
 * wait, and so do replies that cannot be decoded for two minutes.
 *
 * @since 0.1.0
 * @category errors
 */
export type WaitError = Exclude<Endpoint.ErrorOf<typeof Status>, HordeError.NotFound>

/**
 * A job that generates texts.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextJob extends Job<GeneratedText, RequestStatusCheck, WaitError> {}

/** Returns how a job is polled. Each reply has the texts. */
const sourceOf = (
  ticket: Ticket,
  models: ReadonlyArray<string>
): Effect.Effect<Source<RequestStatusCheck, RequestStatusKobold, GeneratedText, WaitError>, never, Status> =>
  Effect.map(Status, (status) => {
    const id = jobs.idOf(ticket)
    return {
      ticket,
      models,
      path: Status.declaration.path,
      viewOf,
      checkOf: withoutResults,
      polls: { fetch: jobs.orNotFound(() => status({ params: { id } })) },
      resultsOf: textsIn(id)
    }
  })

/** Follows a job that ends with the wait for it. If `Cancel` is in the context, the reply of the cancel is used too. */
export const followToEnd = (ticket: Ticket, models: ReadonlyArray<string>, settings: WaitSettings) =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket, models)
    return yield* jobs.followToEnd(source, yield* Effect.serviceOption(Cancel), settings)
  })

export const jobOf = (
  ticket: Ticket,
  models: ReadonlyArray<string>,
  settings: WaitSettings
): Effect.Effect<TextJob, never, Status | Cancel | FollowUp | JobWatcher> =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket, models)
    const { job } = yield* jobs.openJob({
      source,
      settings,
      cancelCall: yield* Cancel,
      cancelPath: Cancel.declaration.path,
      makeResult: Effect.succeed,
      load: Effect.succeed
    })
    return job
  })
