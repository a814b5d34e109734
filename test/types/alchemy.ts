/** The types of the endpoints and functions of alchemy jobs. */

import type { HttpClient } from "@effect/platform/HttpClient"
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
  Job,
  JobKind,
  JobWatcher
} from "effect-horde"
import type { EndpointsOf, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

/** An endpoint that affects a job. */
interface OfJob<Req, A, E, R> {
  readonly request: Req
  readonly success: A
  readonly error: E
  readonly needs: R
  readonly layerNeeds: HordeClient.HordeClient | FollowUp.FollowUp
}

interface JobRequest {
  readonly params: { readonly id: Job.GenerationRequestId }
}

type SubmitErrors =
  | WriteErrors
  | HordeError.JournalFailed
  | HordeError.Unauthorized
  | HordeError.Forbidden
  | HordeError.TooManyJobs
  | HordeError.Maintenance

type JobErrors = ReadErrors | HordeError.NotFound

holds<
  Same<
    Whole<typeof Alchemy.Submit>,
    OfJob<
      { readonly payload: Alchemy.ModelInterrogationInputStable },
      Alchemy.RequestInterrogationResponse,
      SubmitErrors,
      Scope.Scope
    >
  >
>()
holds<Same<Whole<typeof Alchemy.Status>, OfJob<JobRequest, Alchemy.InterrogationStatus, JobErrors, never>>>()
holds<Same<Whole<typeof Alchemy.Cancel>, OfJob<JobRequest, Alchemy.InterrogationStatus, JobErrors, never>>>()

holds<Same<ReturnType<typeof Alchemy.status>, Effect.Effect<Alchemy.InterrogationStatus, JobErrors, Alchemy.Status>>>()
holds<Same<ReturnType<typeof Alchemy.cancel>, Effect.Effect<Alchemy.InterrogationStatus, JobErrors, Alchemy.Cancel>>>()

// Functions that wait for the results need the services that they call.

type Waits = Alchemy.Status | Download.Download | JobWatcher.JobWatcher
type Runs = Waits | Alchemy.Submit | HordeClient.HordeClient
type Opens = Waits | Alchemy.Cancel | FollowUp.FollowUp | Scope.Scope

holds<
  Same<
    ReturnType<typeof Alchemy.run>,
    Effect.Effect<
      ReadonlyArray<Alchemy.FormResult>,
      SubmitErrors | ReadErrors | HordeError.JobError<Alchemy.FormResult>,
      Runs
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Alchemy.progress>,
    Stream.Stream<Alchemy.Progress, SubmitErrors | ReadErrors | HordeError.JobError<Alchemy.FormResult>, Runs>
  >
>()
holds<
  Same<
    ReturnType<typeof Alchemy.submit>,
    Effect.Effect<
      Alchemy.AlchemyJob & { readonly reply: Alchemy.RequestInterrogationResponse },
      SubmitErrors,
      Runs | Opens
    >
  >
>()
holds<Same<ReturnType<typeof Alchemy.resume>, Effect.Effect<Alchemy.AlchemyJob, HordeError.InvalidRequest, Opens>>>()
holds<Same<Parameters<typeof Alchemy.run>, [input: Alchemy.AlchemyInput, options?: Alchemy.WaitOptions]>>()
// `Horde.layerAll` has all that they need
holds<Same<Exclude<Runs | Opens, Horde.AllServices | Scope.Scope>, never>>()
holds<Same<keyof Alchemy.WaitOptions, "deadline" | "results">>()
holds<Same<Alchemy.AlchemyInput["source_image"], Uint8Array | string>>()
holds<Same<typeof Alchemy.kind, JobKind.JobKind>>()

holds<
  Same<
    typeof Alchemy.layer,
    Layer.Layer<
      EndpointsOf<typeof Alchemy> | Download.Download | JobWatcher.JobWatcher,
      never,
      HordeClient.HordeClient | FollowUp.FollowUp | HttpClient
    >
  >
>()

// A result has a type of its own for each tag.

type Tagged<Tag> = Extract<Alchemy.FormResult, { readonly _tag: Tag }>
holds<Same<Tagged<"Caption">["text"], string>>()
holds<Same<Tagged<"Interrogation">["details"], Alchemy.InterrogationDetails>>()
holds<Same<Tagged<"Nsfw">["isUnsafe"], boolean>>()
holds<Same<Tagged<"Image">["bytes"], Uint8Array<ArrayBuffer>>>()
holds<Same<Tagged<"Json">["value"], unknown>>()
holds<Same<Tagged<"Failed">["form"], Alchemy.AlchemyForm>>()

// The results of known forms have types, those of other forms are JSON.

type Result = Alchemy.InterrogationFormResult
holds<Same<Result["caption"], string | undefined>>()
holds<Same<Result["nsfw"], boolean | undefined>>()
holds<Same<Result["interrogation"], Alchemy.InterrogationDetails | undefined>>()
holds<Same<Result["palette"], unknown>>()
