/** The convenience functions: their types still show which endpoints they may call, and how they can fail. */
import type { HttpClient } from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type {
  Download,
  FollowUp,
  Horde,
  HordeClient,
  HordeError,
  ImageGeneration,
  ImageGenerationReply,
  Job,
  Picture,
  RateLimit,
  Retry,
  SharedKeys,
  Status,
  Ticket
} from "effect-horde"
import { holds, type Same } from "./same.js"

type Always = HordeError.BadRequest | HordeError.ServerError | HordeError.UnexpectedResponse | HordeError.TransportError

type ReadErrors = Always | HordeError.InvalidRequest | HordeError.RateLimited

type PriceErrors =
  | ReadErrors
  | HordeError.Unauthorized
  | HordeError.Forbidden
  | HordeError.KudosRefused
  | HordeError.NotFound
  | HordeError.TooManyJobs
  | HordeError.Maintenance

type SubmitErrors = PriceErrors | HordeError.OutcomeUnknown

type JobErrors =
  | HordeError.JobFaulted<Picture.Picture>
  | HordeError.JobImpossible<Picture.Picture>
  | HordeError.JobTimedOut<Picture.Picture>
  | HordeError.JobExpired<Picture.Picture>
  | HordeError.JobCancelled<Picture.Picture>
  | HordeError.DownloadFailed<Picture.Picture>

type JobServices =
  | ImageGeneration.Check
  | ImageGeneration.Status
  | ImageGeneration.Cancel
  | Download.Download
  | FollowUp.FollowUp

// shared keys

holds<
  Same<
    ReturnType<typeof SharedKeys.create>,
    Effect.Effect<
      SharedKeys.SharedKeyDetails,
      ReadErrors | HordeError.OutcomeUnknown | HordeError.Unauthorized | HordeError.Forbidden,
      SharedKeys.Create
    >
  >
>()
holds<Same<Parameters<typeof SharedKeys.create>, [input?: SharedKeys.SharedKeyInput]>>()
holds<
  Same<
    ReturnType<typeof SharedKeys.get>,
    Effect.Effect<SharedKeys.SharedKeyDetails, ReadErrors | HordeError.Unauthorized, SharedKeys.Get>
  >
>()
holds<Same<Parameters<typeof SharedKeys.get>, [id: SharedKeys.SharedKeyId]>>()
holds<
  Same<
    ReturnType<typeof SharedKeys.modify>,
    Effect.Effect<
      SharedKeys.SharedKeyDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      SharedKeys.Modify
    >
  >
>()
holds<Same<Parameters<typeof SharedKeys.modify>, [id: SharedKeys.SharedKeyId, changes: SharedKeys.SharedKeyInput]>>()
holds<
  Same<
    ReturnType<typeof SharedKeys.remove>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      SharedKeys.Delete
    >
  >
>()
holds<
  Same<
    ReturnType<typeof SharedKeys.scoped>,
    Effect.Effect<
      SharedKeys.SharedKeyDetails,
      ReadErrors | HordeError.OutcomeUnknown | HordeError.Unauthorized | HordeError.Forbidden,
      SharedKeys.Create | SharedKeys.Delete | Scope.Scope
    >
  >
>()
holds<
  Same<
    ReturnType<typeof SharedKeys.getFresh>,
    Effect.Effect<SharedKeys.SharedKeyDetails, ReadErrors | HordeError.Unauthorized, SharedKeys.Get>
  >
>()
holds<Same<Parameters<typeof SharedKeys.remove>, [id: SharedKeys.SharedKeyId]>>()

// pictures, one call each

holds<
  Same<
    ReturnType<typeof ImageGeneration.price>,
    Effect.Effect<ImageGenerationReply.PriceReply, PriceErrors, ImageGeneration.Price>
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.check>,
    Effect.Effect<
      ImageGeneration.RequestStatusCheck,
      ReadErrors | HordeError.NotFound | HordeError.Forbidden,
      ImageGeneration.Check
    >
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.status>,
    Effect.Effect<ImageGeneration.RequestStatusStable, ReadErrors | HordeError.NotFound, ImageGeneration.Status>
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.cancel>,
    Effect.Effect<ImageGeneration.RequestStatusStable, ReadErrors | HordeError.NotFound, ImageGeneration.Cancel>
  >
>()

// pictures, whole jobs

holds<Same<ImageGeneration.WaitError, ReadErrors | HordeError.Forbidden>>()
holds<Same<HordeError.JobError<Picture.Picture>, JobErrors>>()
holds<Same<ImageGeneration.ImageJob, Job.Job<Picture.Picture, ReadErrors | HordeError.Forbidden>>>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.submit>,
    Effect.Effect<
      ImageGeneration.ImageJob & { readonly reply: ImageGeneration.RequestAsyncStable },
      SubmitErrors,
      ImageGeneration.Submit | JobServices | Scope.Scope
    >
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.resume>,
    Effect.Effect<ImageGeneration.ImageJob, HordeError.InvalidRequest, JobServices | Scope.Scope>
  >
>()
holds<Same<Parameters<typeof ImageGeneration.resume>, [ticket: Ticket.Ticket, options?: Job.WaitOptions]>>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.progress>,
    Stream.Stream<
      ImageGeneration.Progress,
      SubmitErrors | JobErrors,
      ImageGeneration.Submit | ImageGeneration.Check | ImageGeneration.Status | Download.Download
    >
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.generate>,
    Effect.Effect<
      ReadonlyArray<Picture.Picture>,
      SubmitErrors | JobErrors,
      ImageGeneration.Submit | ImageGeneration.Check | ImageGeneration.Status | Download.Download
    >
  >
>()

// the horde itself

holds<Same<typeof Status.heartbeat, Effect.Effect<Status.HeartbeatResponse, Always, Status.Heartbeat>>>()

// layers

holds<
  Same<
    Horde.Services,
    | HordeClient.HordeClient
    | FollowUp.FollowUp
    | Download.Download
    | SharedKeys.Create
    | SharedKeys.Get
    | SharedKeys.Modify
    | SharedKeys.Delete
    | ImageGeneration.Submit
    | ImageGeneration.Price
    | ImageGeneration.Check
    | ImageGeneration.Status
    | ImageGeneration.Cancel
    | Status.Heartbeat
  >
>()
holds<Same<ReturnType<typeof Horde.layer>, Layer.Layer<Horde.Services, ConfigError.ConfigError, HttpClient>>>()
holds<Same<ReturnType<typeof Horde.layerConfig>, Layer.Layer<Horde.Services, ConfigError.ConfigError, HttpClient>>>()
holds<
  Same<
    ReturnType<typeof HordeClient.layer>,
    Layer.Layer<HordeClient.HordeClient, ConfigError.ConfigError, HttpClient | RateLimit.RateLimit | Retry.Retry>
  >
>()
holds<Same<ReturnType<typeof FollowUp.layer>, Layer.Layer<FollowUp.FollowUp, never, HordeClient.HordeClient>>>()
