/** Makes an alchemy job from a submit or from a ticket. */
import * as Effect from "effect/Effect"
import { Download } from "../../Download.js"
import type * as Endpoint from "../../Endpoint.js"
import type { FollowUp } from "../../FollowUp.js"
import type * as HordeError from "../../HordeError.js"
import type { Job } from "../../Job.js"
import type { JobWatcher } from "../../JobWatcher.js"
import * as jobs from "../jobs/job.js"
import type { Source } from "../jobs/source.js"
import type { Ticket } from "../jobs/ticket.js"
import type { WaitSettings } from "../jobs/waitSettings.js"
import { Cancel, Status } from "./endpoints.js"
import { type FormResult, resultsIn } from "./formResult.js"
import { viewOf } from "./jobView.js"
import type { AlchemyCheck, InterrogationStatus } from "./models.js"

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
 * A job that processes an image.
 *
 * @since 0.1.0
 * @category models
 */
export interface AlchemyJob extends Job<FormResult, AlchemyCheck, WaitError> {}

const checkOf = ({ forms, state }: InterrogationStatus): AlchemyCheck => ({
  state,
  forms: forms.map(({ form, state }) => ({ form, state }))
})

/** Returns how a job is polled. Each reply has the results. */
const sourceOf = (
  ticket: Ticket
): Effect.Effect<Source<AlchemyCheck, InterrogationStatus, FormResult, WaitError>, never, Status | Download> =>
  Effect.gen(function* () {
    const status = yield* Status
    const id = jobs.idOf(ticket)
    return {
      ticket,
      models: [],
      path: Status.declaration.path,
      viewOf,
      checkOf,
      polls: { fetch: jobs.orNotFound(() => status({ params: { id } })) },
      resultsOf: resultsIn(id, yield* Download)
    }
  })

/** Follows a job that ends with the wait for it. If `Cancel` is in the context, the reply of the cancel is used too. */
export const followToEnd = (ticket: Ticket, settings: WaitSettings) =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket)
    return yield* jobs.followToEnd(source, yield* Effect.serviceOption(Cancel), settings)
  })

export const jobOf = (
  ticket: Ticket,
  settings: WaitSettings
): Effect.Effect<AlchemyJob, never, Status | Cancel | Download | FollowUp | JobWatcher> =>
  Effect.gen(function* () {
    const { job } = yield* jobs.openJob({
      source: yield* sourceOf(ticket),
      settings,
      cancelCall: yield* Cancel,
      cancelPath: Cancel.declaration.path,
      makeResult: Effect.succeed,
      load: Effect.succeed
    })
    return job
  })
