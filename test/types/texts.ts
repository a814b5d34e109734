/** Text generation: the types of its endpoints and functions, written out, so that a change of any is visible. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Endpoint, FollowUp, HordeClient, HordeError, Job, JobWatcher, TextGeneration } from "effect-horde"
import type { LayerNeeds, Needs, Request, Success } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

type ReadErrors =
  | HordeError.BadRequest
  | HordeError.ServerError
  | HordeError.UnexpectedResponse
  | HordeError.TransportError
  | HordeError.InvalidRequest
  | HordeError.RateLimited

type PriceErrors =
  | ReadErrors
  | HordeError.Unauthorized
  | HordeError.Forbidden
  | HordeError.KudosRefused
  | HordeError.NotFound
  | HordeError.TooManyJobs
  | HordeError.Maintenance

type SubmitErrors = PriceErrors | HordeError.OutcomeUnknown | HordeError.JournalFailed

type JobErrors = HordeError.JobError<TextGeneration.GeneratedText>

interface JobRequest {
  readonly params: { readonly id: Job.GenerationRequestId }
}

// TextGeneration.Submit

holds<Same<Request<typeof TextGeneration.Submit>["payload"], TextGeneration.GenerationInputKobold>>()
holds<Same<keyof Request<typeof TextGeneration.Submit>, "payload">>()
holds<Same<Success<typeof TextGeneration.Submit>, TextGeneration.RequestAsyncKobold>>()
holds<Same<Endpoint.ErrorOf<typeof TextGeneration.Submit>, SubmitErrors>>()
holds<Same<Needs<typeof TextGeneration.Submit>, Scope.Scope>>()
holds<Same<LayerNeeds<typeof TextGeneration.Submit>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// TextGeneration.Price

holds<Same<Request<typeof TextGeneration.Price>["payload"], TextGeneration.GenerationInputKobold>>()
holds<Same<keyof Request<typeof TextGeneration.Price>, "payload">>()
holds<Same<Success<typeof TextGeneration.Price>, TextGeneration.PriceReply>>()
holds<Same<Endpoint.ErrorOf<typeof TextGeneration.Price>, PriceErrors>>()
holds<Same<Needs<typeof TextGeneration.Price>, never>>()
holds<Same<LayerNeeds<typeof TextGeneration.Price>, HordeClient.HordeClient>>()

// TextGeneration.Status

holds<Same<Request<typeof TextGeneration.Status>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof TextGeneration.Status>, "params">>()
holds<Same<Success<typeof TextGeneration.Status>, TextGeneration.RequestStatusKobold>>()
holds<Same<Endpoint.ErrorOf<typeof TextGeneration.Status>, ReadErrors | HordeError.NotFound>>()
holds<Same<Needs<typeof TextGeneration.Status>, never>>()
holds<Same<LayerNeeds<typeof TextGeneration.Status>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// TextGeneration.Cancel

holds<Same<Request<typeof TextGeneration.Cancel>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof TextGeneration.Cancel>, "params">>()
holds<Same<Success<typeof TextGeneration.Cancel>, TextGeneration.RequestStatusKobold>>()
holds<Same<Endpoint.ErrorOf<typeof TextGeneration.Cancel>, ReadErrors | HordeError.NotFound>>()
holds<Same<Needs<typeof TextGeneration.Cancel>, never>>()
holds<Same<LayerNeeds<typeof TextGeneration.Cancel>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// TextGeneration.Submitted

type SubmittedErrors = ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound

holds<Same<Request<typeof TextGeneration.Submitted>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof TextGeneration.Submitted>, "params">>()
holds<Same<Success<typeof TextGeneration.Submitted>, TextGeneration.GenerationSubmittedKobold>>()
holds<Same<Endpoint.ErrorOf<typeof TextGeneration.Submitted>, SubmittedErrors>>()
holds<Same<Needs<typeof TextGeneration.Submitted>, never>>()
holds<Same<LayerNeeds<typeof TextGeneration.Submitted>, HordeClient.HordeClient>>()

// one call each

holds<
  Same<
    ReturnType<typeof TextGeneration.price>,
    Effect.Effect<TextGeneration.PriceReply, PriceErrors, TextGeneration.Price>
  >
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.status>,
    Effect.Effect<TextGeneration.RequestStatusKobold, ReadErrors | HordeError.NotFound, TextGeneration.Status>
  >
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.cancel>,
    Effect.Effect<TextGeneration.RequestStatusKobold, ReadErrors | HordeError.NotFound, TextGeneration.Cancel>
  >
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.submitted>,
    Effect.Effect<TextGeneration.GenerationSubmittedKobold, SubmittedErrors, TextGeneration.Submitted>
  >
>()

// whole jobs

type JobServices =
  | TextGeneration.Status
  | TextGeneration.Cancel
  | FollowUp.FollowUp
  | JobWatcher.JobWatcher
  | Scope.Scope

holds<Same<TextGeneration.WaitError, ReadErrors>>()
holds<
  TextGeneration.TextJob extends Job.Job<TextGeneration.GeneratedText, Job.RequestStatusCheck, ReadErrors>
    ? true
    : false
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.submit>,
    Effect.Effect<
      TextGeneration.TextJob & { readonly reply: TextGeneration.RequestAsyncKobold },
      SubmitErrors,
      TextGeneration.Submit | JobServices
    >
  >
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.resume>,
    Effect.Effect<TextGeneration.TextJob, HordeError.InvalidRequest, JobServices>
  >
>()
holds<Same<Parameters<typeof TextGeneration.resume>, [ticket: Job.Ticket, options?: Job.WaitOptions]>>()
holds<
  Same<
    ReturnType<typeof TextGeneration.progress>,
    Stream.Stream<
      TextGeneration.Progress,
      SubmitErrors | JobErrors,
      TextGeneration.Submit | TextGeneration.Status | JobWatcher.JobWatcher
    >
  >
>()
holds<
  Same<
    ReturnType<typeof TextGeneration.generate>,
    Effect.Effect<
      ReadonlyArray<TextGeneration.GeneratedText>,
      SubmitErrors | JobErrors,
      TextGeneration.Submit | TextGeneration.Status | JobWatcher.JobWatcher
    >
  >
>()

// requests and replies

type Input = TextGeneration.GenerationInputKobold
type Params = NonNullable<Input["params"]>
holds<Same<Input["prompt"], string>>()
holds<Same<Params["n"], number | undefined>>()
holds<Same<Params["stop_sequence"], ReadonlyArray<string> | undefined>>()
holds<Same<"seed" extends keyof Params ? true : false, false>>()
holds<Same<TextGeneration.GenerationKobold["seed"], number>>()
holds<Same<TextGeneration.GeneratedText["text"], string>>()
holds<Same<Exclude<keyof Input, keyof TextGeneration.GenerationSubmittedKobold>, never>>()
holds<Same<Exclude<keyof Params, keyof NonNullable<TextGeneration.GenerationSubmittedKobold["params"]>>, never>>()

// layers

holds<
  Same<
    typeof TextGeneration.layer,
    Layer.Layer<
      | TextGeneration.Submit
      | TextGeneration.Price
      | TextGeneration.Status
      | TextGeneration.Cancel
      | TextGeneration.Submitted
      | JobWatcher.JobWatcher,
      never,
      HordeClient.HordeClient | FollowUp.FollowUp
    >
  >
>()
holds<Same<(typeof TextGeneration.Submit)["declaration"]["followUp"]["job"], "text">>()
holds<Same<(typeof TextGeneration.Status)["declaration"]["followUp"]["_tag"], "Settles">>()
holds<Same<(typeof TextGeneration.Cancel)["declaration"]["followUp"]["_tag"], "Cancels">>()
