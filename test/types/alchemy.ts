/** The types of the endpoints and functions of alchemy jobs. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Alchemy, FollowUp, HordeClient, HordeError, Job } from "effect-horde"
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

holds<
  Same<
    ReturnType<typeof Alchemy.submit>,
    Effect.Effect<Alchemy.RequestInterrogationResponse, SubmitErrors, Alchemy.Submit | Scope.Scope>
  >
>()
holds<Same<ReturnType<typeof Alchemy.status>, Effect.Effect<Alchemy.InterrogationStatus, JobErrors, Alchemy.Status>>>()
holds<Same<ReturnType<typeof Alchemy.cancel>, Effect.Effect<Alchemy.InterrogationStatus, JobErrors, Alchemy.Cancel>>>()

holds<
  Same<
    typeof Alchemy.layer,
    Layer.Layer<EndpointsOf<typeof Alchemy>, never, HordeClient.HordeClient | FollowUp.FollowUp>
  >
>()

// The results of known forms have types, those of other forms are JSON.

type Result = Alchemy.InterrogationFormResult
holds<Same<Result["caption"], string | undefined>>()
holds<Same<Result["nsfw"], boolean | undefined>>()
holds<Same<Result["interrogation"], Alchemy.InterrogationDetails | undefined>>()
holds<Same<Result["palette"], unknown>>()
