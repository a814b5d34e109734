/**
 * The input, the output, the errors and the requirements of each endpoint: written out, so that a change of any is
 * visible.
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type {
  Download,
  Endpoint,
  FollowUp,
  HordeClient,
  HordeError,
  ImageGeneration,
  Job,
  JobWatcher,
  SharedKeys,
  Status,
  Users
} from "effect-horde"
import type {
  Always,
  LayerNeeds,
  Needs,
  Plain,
  ReadErrors,
  Request,
  Success,
  Whole,
  WriteErrors
} from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

type SubmitRefusals =
  | HordeError.Unauthorized
  | HordeError.Forbidden
  | HordeError.KudosRefused
  | HordeError.NotFound
  | HordeError.TooManyJobs
  | HordeError.Maintenance

interface KeyRequest {
  readonly params: { readonly id: SharedKeys.SharedKeyId }
}
interface KeyRequestWith<Payload> extends KeyRequest {
  readonly payload: Payload
}
interface JobRequest {
  readonly params: { readonly id: Job.GenerationRequestId }
}

interface RateRequest extends JobRequest {
  readonly payload: ImageGeneration.AestheticsPayload
}

// SharedKeys.Create

holds<Same<Request<typeof SharedKeys.Create>["payload"], SharedKeys.SharedKeyInput>>()
holds<Same<keyof Request<typeof SharedKeys.Create>, "payload">>()
holds<Same<Success<typeof SharedKeys.Create>, SharedKeys.SharedKeyDetails>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof SharedKeys.Create>,
    | Always
    | HordeError.InvalidRequest
    | HordeError.RateLimited
    | HordeError.OutcomeUnknown
    | HordeError.Unauthorized
    | HordeError.Forbidden
  >
>()
holds<Same<Needs<typeof SharedKeys.Create>, never>>()
holds<Same<LayerNeeds<typeof SharedKeys.Create>, HordeClient.HordeClient>>()

// SharedKeys.Get

holds<
  Same<
    Whole<typeof SharedKeys.Get>,
    Plain<KeyRequest, SharedKeys.SharedKeyDetails, ReadErrors | HordeError.Unauthorized>
  >
>()

// SharedKeys.Modify

holds<
  Same<
    Whole<typeof SharedKeys.Modify>,
    Plain<
      KeyRequestWith<SharedKeys.SharedKeyInput>,
      SharedKeys.SharedKeyDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()

// SharedKeys.Delete

holds<
  Same<
    Whole<typeof SharedKeys.Delete>,
    Plain<KeyRequest, SharedKeys.SimpleResponse, ReadErrors | HordeError.Unauthorized | HordeError.Forbidden>
  >
>()

// ImageGeneration.Submit

holds<Same<Request<typeof ImageGeneration.Submit>["payload"], ImageGeneration.GenerationInputStable>>()
holds<Same<keyof Request<typeof ImageGeneration.Submit>, "payload">>()
holds<Same<Success<typeof ImageGeneration.Submit>, ImageGeneration.RequestAsyncStable>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Submit>,
    | Always
    | HordeError.InvalidRequest
    | HordeError.RateLimited
    | HordeError.OutcomeUnknown
    | HordeError.JournalFailed
    | SubmitRefusals
  >
>()
holds<Same<Needs<typeof ImageGeneration.Submit>, Scope.Scope>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Submit>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// ImageGeneration.Price

holds<Same<Request<typeof ImageGeneration.Price>["payload"], ImageGeneration.GenerationInputStable>>()
holds<Same<keyof Request<typeof ImageGeneration.Price>, "payload">>()
holds<Same<Success<typeof ImageGeneration.Price>, ImageGeneration.PriceReply>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Price>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | SubmitRefusals
  >
>()
holds<Same<Needs<typeof ImageGeneration.Price>, never>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Price>, HordeClient.HordeClient>>()

// ImageGeneration.Check

holds<Same<Request<typeof ImageGeneration.Check>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof ImageGeneration.Check>, "params">>()
holds<Same<Success<typeof ImageGeneration.Check>, Job.RequestStatusCheck>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Check>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | HordeError.NotFound | HordeError.Forbidden
  >
>()
holds<Same<Needs<typeof ImageGeneration.Check>, never>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Check>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// ImageGeneration.Status

holds<Same<Request<typeof ImageGeneration.Status>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof ImageGeneration.Status>, "params">>()
holds<Same<Success<typeof ImageGeneration.Status>, ImageGeneration.RequestStatusStable>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Status>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | HordeError.NotFound
  >
>()
holds<Same<Needs<typeof ImageGeneration.Status>, never>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Status>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// ImageGeneration.Cancel

holds<Same<Request<typeof ImageGeneration.Cancel>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof ImageGeneration.Cancel>, "params">>()
holds<Same<Success<typeof ImageGeneration.Cancel>, ImageGeneration.RequestStatusStable>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Cancel>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | HordeError.NotFound
  >
>()
holds<Same<Needs<typeof ImageGeneration.Cancel>, never>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Cancel>, HordeClient.HordeClient | FollowUp.FollowUp>>()

// ImageGeneration.Submitted

holds<Same<Request<typeof ImageGeneration.Submitted>["params"], JobRequest["params"]>>()
holds<Same<keyof Request<typeof ImageGeneration.Submitted>, "params">>()
holds<Same<Success<typeof ImageGeneration.Submitted>, ImageGeneration.GenerationSubmittedStable>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof ImageGeneration.Submitted>,
    | Always
    | HordeError.InvalidRequest
    | HordeError.RateLimited
    | HordeError.Unauthorized
    | HordeError.Forbidden
    | HordeError.NotFound
  >
>()
holds<Same<Needs<typeof ImageGeneration.Submitted>, never>>()
holds<Same<LayerNeeds<typeof ImageGeneration.Submitted>, HordeClient.HordeClient>>()

// ImageGeneration.Rate

holds<
  Same<
    Whole<typeof ImageGeneration.Rate>,
    Plain<RateRequest, ImageGeneration.GenerationSubmitted, WriteErrors | HordeError.NotFound>
  >
>()

// Users.Find: no parameters but the key

holds<Same<Request<typeof Users.Find>, { readonly [part: string]: never } | undefined>>()
holds<Same<Success<typeof Users.Find>, Users.UserDetails>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof Users.Find>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | HordeError.Unauthorized | HordeError.NotFound
  >
>()
holds<Same<Needs<typeof Users.Find>, never>>()
holds<Same<LayerNeeds<typeof Users.Find>, HordeClient.HordeClient>>()

// Users.Get

holds<Same<Request<typeof Users.Get>["params"], { readonly id: number }>>()
holds<Same<keyof Request<typeof Users.Get>, "params">>()
holds<Same<Success<typeof Users.Get>, Users.UserDetails>>()
holds<
  Same<
    Endpoint.ErrorOf<typeof Users.Get>,
    Always | HordeError.InvalidRequest | HordeError.RateLimited | HordeError.Unauthorized | HordeError.NotFound
  >
>()
holds<Same<Needs<typeof Users.Get>, never>>()
holds<Same<LayerNeeds<typeof Users.Get>, HordeClient.HordeClient>>()

// The fields of a returned request are those that may be sent, and unknown ones are kept.

type Told = ImageGeneration.GenerationSubmittedStable
holds<Same<Told["prompt"], string | undefined>>()
holds<Same<NonNullable<Told["params"]>["steps"], number | undefined>>()
holds<Same<NonNullable<Told["params"]>["sampler_name"], ImageGeneration.ModelGenerationInputStable["sampler_name"]>>()
holds<Same<Told["a field of tomorrow"], unknown>>()
holds<Same<NonNullable<Told["params"]>["a field of tomorrow"], unknown>>()

// Status.Heartbeat: no parameters, no key, no limit

holds<Same<Parameters<(typeof Status.Heartbeat)["Service"]>, [request?: { readonly [part: string]: never }]>>()
holds<Same<Success<typeof Status.Heartbeat>, Status.HeartbeatResponse>>()
holds<Same<Endpoint.ErrorOf<typeof Status.Heartbeat>, Always>>()
holds<Same<Needs<typeof Status.Heartbeat>, never>>()
holds<Same<LayerNeeds<typeof Status.Heartbeat>, HordeClient.HordeClient>>()

// Status.Modes: no parameters and no key, but a limit

holds<Same<Parameters<(typeof Status.Modes)["Service"]>, [request?: { readonly [part: string]: never }]>>()
holds<Same<Success<typeof Status.Modes>, Status.HordeModes>>()
holds<Same<Endpoint.ErrorOf<typeof Status.Modes>, Always | HordeError.RateLimited>>()
holds<Same<Needs<typeof Status.Modes>, never>>()
holds<Same<LayerNeeds<typeof Status.Modes>, HordeClient.HordeClient>>()

// The layers of a resource have all of its endpoints and their requirements.

holds<
  Same<
    typeof SharedKeys.layer,
    Layer.Layer<
      SharedKeys.Create | SharedKeys.Get | SharedKeys.Modify | SharedKeys.Delete,
      never,
      HordeClient.HordeClient
    >
  >
>()
holds<
  Same<
    typeof ImageGeneration.layer,
    Layer.Layer<
      | ImageGeneration.Submit
      | ImageGeneration.Price
      | ImageGeneration.Check
      | ImageGeneration.Status
      | ImageGeneration.Cancel
      | ImageGeneration.Submitted
      | ImageGeneration.Rate
      | Download.Download
      | JobWatcher.JobWatcher,
      never,
      HordeClient.HordeClient | FollowUp.FollowUp | HttpClient
    >
  >
>()

// A declaration can be read with its own type.

holds<Same<(typeof SharedKeys.Get)["declaration"]["method"], "GET">>()
holds<Same<(typeof SharedKeys.Get)["declaration"]["path"], "/v2/sharedkeys/:id">>()
holds<Same<(typeof SharedKeys.Get)["declaration"]["apiKey"], "optional">>()
holds<Same<(typeof SharedKeys.Create)["declaration"]["idempotent"], false>>()
holds<Same<(typeof SharedKeys.Create)["declaration"]["model"], string | undefined>>()
holds<Same<(typeof ImageGeneration.Submit)["declaration"]["followUp"]["_tag"], "Starts">>()
holds<Same<(typeof ImageGeneration.Status)["declaration"]["followUp"]["_tag"], "Settles">>()
holds<Same<(typeof ImageGeneration.Cancel)["declaration"]["followUp"]["_tag"], "Cancels">>()
holds<Same<(typeof SharedKeys.Get)["key"], "effect-horde/SharedKeys/Get">>()
