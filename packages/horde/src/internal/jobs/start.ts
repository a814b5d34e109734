/** Starts the wait for a job of any kind, from a submit or from a ticket. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { FollowUp } from "../../FollowUp.js"
import type { WaitOptions } from "../../Job.js"
import type { Declaration, Starts } from "../call/declaration.js"
import { invalid, resultsOf } from "../call/encodeRequest.js"
import { serverForgetsAfter, serverForgetsSlowAfter } from "../limits/serverTimes.js"
import type { GenerationRequestId } from "./models.js"
import { Ticket } from "./ticket.js"
import { latest, type WaitSettings, waitSettings } from "./waitSettings.js"

const deadlineAfter = (now: number, settings: WaitSettings, isSlow: boolean): DateTime.Utc =>
  DateTime.unsafeMake(
    Math.min(now + (settings.deadline ?? (isSlow ? serverForgetsSlowAfter : serverForgetsAfter)), latest)
  )

/** The declaration of an endpoint that starts jobs. */
export type StartsJobs = Declaration & { readonly followUp: Starts }

/** The fields of a request that affect the wait for its job. Not every kind of jobs has them. */
interface Input {
  readonly extra_slow_workers?: boolean | undefined
  readonly models?: ReadonlyArray<string> | undefined
}

/** Submits a request. */
export const start = <I, Reply extends { readonly id: GenerationRequestId }, E, R>(
  declaration: StartsJobs,
  submit: (request: { readonly payload: I }) => Effect.Effect<Reply, E, R>,
  input: I & Input,
  options: WaitOptions
) =>
  Effect.gen(function* () {
    const settings = yield* waitSettings(options, declaration)
    const reply = yield* submit({ payload: input })
    const isSlow = input.extra_slow_workers === true
    const models = (input.models ?? []).filter(Predicate.isString)
    const results = resultsOf(declaration, input)
    const now = yield* Clock.currentTimeMillis
    const ticket = Ticket.make(
      {
        version: 1,
        kind: declaration.followUp.job,
        id: Redacted.make(reply.id),
        expected: Math.max(1, results),
        submittedAt: DateTime.unsafeMake(now),
        deadline: deadlineAfter(now, settings, isSlow)
      },
      // the validation costs memory and time, and all parts are valid
      { disableValidation: true }
    )
    return { ticket, reply, models, settings }
  })

/** Adopts the job of a ticket: it is cancelled when the scope closes. Its deadline counts from now. */
export const adopt = (declaration: StartsJobs, status: Declaration, ticket: Ticket, options: WaitOptions) =>
  Effect.gen(function* () {
    const { followUp } = declaration
    if (ticket.kind !== followUp.job) {
      return yield* invalid(status, { "ticket.kind": `must be ${followUp.job}` })
    }
    const settings = yield* waitSettings(options, status)
    const deadline = deadlineAfter(yield* Clock.currentTimeMillis, settings, false)
    yield* (yield* FollowUp).adopt(followUp, ticket)
    return { ticket: Ticket.make({ ...ticket, deadline }), settings }
  })
