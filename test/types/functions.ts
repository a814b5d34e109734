/**
 * The convenience functions: their types show the endpoints that they may call and the errors with which they can fail.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type { HttpClient } from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import type * as ConfigError from "effect/ConfigError"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type {
  Alchemy,
  Download,
  FollowUp,
  Horde,
  HordeClient,
  HordeError,
  ImageGeneration,
  IndexedDbJournal,
  Job,
  JobJournal,
  JobQuota,
  JobWatcher,
  PageExit,
  RateLimit,
  Recovery,
  Retry,
  SharedKeys,
  Status,
  TextGeneration,
  Users,
  Worker
} from "effect-horde"
import type { EndpointsOf } from "./endpointsOf.js"
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

type SubmitErrors = PriceErrors | HordeError.OutcomeUnknown | HordeError.JournalFailed

type JobErrors =
  | HordeError.JobFaulted<ImageGeneration.Picture>
  | HordeError.JobImpossible<ImageGeneration.Picture>
  | HordeError.JobTimedOut<ImageGeneration.Picture>
  | HordeError.JobExpired<ImageGeneration.Picture>
  | HordeError.JobCancelled<ImageGeneration.Picture>
  | HordeError.DownloadFailed<ImageGeneration.Picture>

type JobServices =
  | ImageGeneration.Check
  | ImageGeneration.Status
  | ImageGeneration.Cancel
  | Download.Download
  | FollowUp.FollowUp
  | JobWatcher.JobWatcher

// ratings

holds<
  Same<
    ReturnType<typeof ImageGeneration.rate>,
    Effect.Effect<
      ImageGeneration.GenerationSubmitted,
      ReadErrors | HordeError.OutcomeUnknown | HordeError.NotFound,
      ImageGeneration.Rate
    >
  >
>()

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
    Effect.Effect<ImageGeneration.PriceReply, PriceErrors, ImageGeneration.Price>
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.check>,
    Effect.Effect<
      Job.RequestStatusCheck,
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

holds<
  Same<
    ReturnType<typeof ImageGeneration.submitted>,
    Effect.Effect<
      ImageGeneration.GenerationSubmittedStable,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      ImageGeneration.Submitted
    >
  >
>()

// pictures, whole jobs

holds<Same<ImageGeneration.WaitError, ReadErrors | HordeError.Forbidden>>()
holds<Same<HordeError.JobError<ImageGeneration.Picture>, JobErrors>>()
holds<
  ImageGeneration.ImageJob extends Job.Job<
    ImageGeneration.Picture,
    Job.RequestStatusCheck,
    ReadErrors | HordeError.Forbidden
  >
    ? true
    : false
>()
holds<Same<Extract<keyof ImageGeneration.ImageJob, string>, keyof Job.Job<ImageGeneration.Picture, never, never>>>()
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
holds<Same<Parameters<typeof ImageGeneration.resume>, [ticket: Job.Ticket, options?: Job.WaitOptions]>>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.progress>,
    Stream.Stream<
      ImageGeneration.Progress,
      SubmitErrors | JobErrors,
      | ImageGeneration.Submit
      | ImageGeneration.Check
      | ImageGeneration.Status
      | Download.Download
      | JobWatcher.JobWatcher
    >
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.generate>,
    Effect.Effect<
      ReadonlyArray<ImageGeneration.Picture>,
      SubmitErrors | JobErrors,
      | ImageGeneration.Submit
      | ImageGeneration.Check
      | ImageGeneration.Status
      | Download.Download
      | JobWatcher.JobWatcher
    >
  >
>()

// finished pictures, as bytes and as files

holds<
  Same<
    ReturnType<typeof ImageGeneration.download>,
    Effect.Effect<
      ReadonlyArray<ImageGeneration.Picture>,
      ReadErrors | HordeError.NotFound | HordeError.DownloadFailed<ImageGeneration.Picture>,
      ImageGeneration.Status | Download.Download
    >
  >
>()
holds<
  Same<
    Parameters<typeof ImageGeneration.download>,
    [id: Job.GenerationRequestId, options?: { readonly concurrency?: number }]
  >
>()
holds<
  Same<
    ReturnType<typeof ImageGeneration.save<never>>,
    Effect.Effect<
      ReadonlyArray<ImageGeneration.SavedPicture>,
      ReadErrors | HordeError.Forbidden | HordeError.JobError<ImageGeneration.SavedPicture>,
      FileSystem.FileSystem | Path.Path
    >
  >
>()
holds<
  Same<
    Parameters<typeof ImageGeneration.save<never>>,
    [job: ImageGeneration.ImageJob, options: ImageGeneration.SaveOptions]
  >
>()
holds<Same<keyof ImageGeneration.SaveOptions, "directory" | "concurrency" | "name" | "onProgress">>()
holds<Same<ImageGeneration.SaveProgress["_tag"], "Checked" | "Saved">>()
holds<Same<ImageGeneration.SavedPicture["path"], string>>()
holds<Same<ImageGeneration.SavedPicture["byteLength"], number>>()
holds<Same<"bytes" extends keyof ImageGeneration.SavedPicture ? true : false, false>>()
holds<
  Same<
    HordeError.DownloadFailed["reason"],
    "Unavailable" | "Expired" | "Insecure" | "TooLarge" | "TimedOut" | "Transport" | "NotAnImage" | "NotSaved"
  >
>()

// accounts

type AccountErrors = ReadErrors | HordeError.Unauthorized | HordeError.NotFound

holds<Same<typeof Users.me, Effect.Effect<Users.UserDetails, AccountErrors, Users.Find>>>()
holds<Same<ReturnType<typeof Users.get>, Effect.Effect<Users.UserDetails, AccountErrors, Users.Get>>>()
holds<Same<Parameters<typeof Users.get>, [id: number]>>()

// the server's status

holds<Same<typeof Status.heartbeat, Effect.Effect<Status.HeartbeatResponse, Always, Status.Heartbeat>>>()
holds<Same<typeof Status.modes, Effect.Effect<Status.HordeModes, Always | HordeError.RateLimited, Status.Modes>>>()

// layers

holds<
  Same<
    Horde.Services,
    | HordeClient.HordeClient
    | FollowUp.FollowUp
    | JobJournal.JobJournal
    | Download.Download
    | JobWatcher.JobWatcher
    | EndpointsOf<typeof SharedKeys>
    | EndpointsOf<typeof ImageGeneration>
    | EndpointsOf<typeof TextGeneration>
    | EndpointsOf<typeof Status>
    | EndpointsOf<typeof Users>
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
holds<
  Same<
    ReturnType<typeof FollowUp.layer>,
    Layer.Layer<FollowUp.FollowUp, never, HordeClient.HordeClient | JobJournal.JobJournal | JobQuota.JobQuota>
  >
>()

// after a crash

type Journaled = HttpClient | JobJournal.JobJournal

type Recovers = FollowUp.FollowUp | JobJournal.JobJournal | HordeClient.HordeClient
type ImageKind = Users.Find | ImageGeneration.Submitted | ImageGeneration.Check

holds<
  Same<ReturnType<typeof Horde.layerWithJournal>, Layer.Layer<Horde.Services, ConfigError.ConfigError, Journaled>>
>()
holds<
  Same<ReturnType<typeof Horde.layerWithJournalConfig>, Layer.Layer<Horde.Services, ConfigError.ConfigError, Journaled>>
>()
holds<Same<typeof JobJournal.layerMemory, Layer.Layer<JobJournal.JobJournal>>>()
declare const kinds: readonly [
  typeof ImageGeneration.kind,
  typeof TextGeneration.kind,
  typeof Alchemy.kind,
  typeof Worker.poppedImage,
  typeof Worker.poppedText,
  typeof Worker.poppedForm
]
type Recovered<K> = Effect.Effect<Recovery.Recovered, HordeError.JournalFailed, Recovers | K | Scope.Scope>
holds<Same<typeof kinds, typeof Horde.kinds>>()
holds<
  Same<
    ReturnType<typeof Worker.runText<never>>,
    Effect.Effect<void, Worker.RunError, Worker.PopText | Worker.SubmitText | FollowUp.FollowUp>
  >
>()
holds<
  Same<
    ReturnType<typeof Worker.runImage<never>>,
    Effect.Effect<
      void,
      Worker.RunError,
      Worker.PopImage | Worker.SubmitImage | FollowUp.FollowUp | HordeClient.HordeClient | HttpClient
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Worker.runAlchemy<never>>,
    Effect.Effect<
      void,
      Worker.RunError,
      Worker.PopAlchemy | Worker.SubmitAlchemy | FollowUp.FollowUp | HordeClient.HordeClient | HttpClient
    >
  >
>()
holds<Same<ReturnType<typeof Recovery.recover<never, [ImageKind]>>, Recovered<ImageKind>>>()
holds<Same<ReturnType<typeof Recovery.layer<never, []>>, Layer.Layer<never, never, Recovers>>>()
holds<
  Same<
    ReturnType<typeof Recovery.layer<Scope.Scope | HttpClient, [Users.Find]>>,
    Layer.Layer<never, never, Recovers | HttpClient | Users.Find>
  >
>()
holds<Same<typeof PageExit.layer, Layer.Layer<never, never, FollowUp.FollowUp | HordeClient.HordeClient>>>()
holds<Same<ReturnType<typeof IndexedDbJournal.layer>, Layer.Layer<JobJournal.JobJournal, HordeError.JournalFailed>>>()
holds<
  Same<
    ReturnType<typeof IndexedDbJournal.make>,
    Effect.Effect<JobJournal.Service, HordeError.JournalFailed, Scope.Scope>
  >
>()
holds<Same<Parameters<typeof IndexedDbJournal.layer>, [options?: IndexedDbJournal.Options]>>()
