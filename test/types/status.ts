/** The types of `Status` that are not in `endpoints.ts` and `functions.ts`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Status } from "effect-horde"
import type { Always, Asks, Plain, ReadErrors, Whole } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Status.SetModes>,
    Plain<
      { readonly payload: Status.SetModesInput },
      Status.HordeModes,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<Whole<typeof Status.Models>, Plain<Asks<Status.ModelsQuery>, ReadonlyArray<Status.ActiveModel>, ReadErrors>>
>()
holds<
  Same<
    Whole<typeof Status.Model>,
    Plain<{ readonly params: { readonly name: string } }, ReadonlyArray<Status.ActiveModel>, ReadErrors>
  >
>()
holds<
  Same<
    Whole<typeof Status.Performance>,
    Plain<{ readonly [part: string]: never } | undefined, Status.HordePerformance, Always | HordeError.RateLimited>
  >
>()
holds<
  Same<
    Whole<typeof Status.News>,
    Plain<
      { readonly [part: string]: never } | undefined,
      ReadonlyArray<Status.Newspiece>,
      Always | HordeError.RateLimited
    >
  >
>()
holds<
  Same<
    Whole<typeof Status.SamplerConstraints>,
    Plain<
      { readonly [part: string]: never } | undefined,
      Status.SamplerConstraintsDocument,
      Always | HordeError.RateLimited
    >
  >
>()
holds<
  Same<
    Whole<typeof Status.StyleContract>,
    Plain<{ readonly [part: string]: never } | undefined, Status.StyleContractDocument, Always | HordeError.RateLimited>
  >
>()

holds<
  Same<
    ReturnType<typeof Status.setModes>,
    Effect.Effect<Status.HordeModes, ReadErrors | HordeError.Unauthorized | HordeError.Forbidden, Status.SetModes>
  >
>()
holds<
  Same<ReturnType<typeof Status.models>, Effect.Effect<ReadonlyArray<Status.ActiveModel>, ReadErrors, Status.Models>>
>()
holds<
  Same<ReturnType<typeof Status.available>, Effect.Effect<ReadonlyArray<Status.ActiveModel>, ReadErrors, Status.Models>>
>()
holds<Same<ReturnType<typeof Status.unserved>, Effect.Effect<ReadonlyArray<string>, ReadErrors, Status.Models>>>()
holds<
  Same<ReturnType<typeof Status.model>, Effect.Effect<ReadonlyArray<Status.ActiveModel>, ReadErrors, Status.Model>>
>()
holds<
  Same<
    typeof Status.performance,
    Effect.Effect<Status.HordePerformance, Always | HordeError.RateLimited, Status.Performance>
  >
>()
holds<
  Same<typeof Status.news, Effect.Effect<ReadonlyArray<Status.Newspiece>, Always | HordeError.RateLimited, Status.News>>
>()
holds<
  Same<
    typeof Status.samplerConstraints,
    Effect.Effect<Status.SamplerConstraintsDocument, Always | HordeError.RateLimited, Status.SamplerConstraints>
  >
>()
holds<
  Same<
    typeof Status.styleContract,
    Effect.Effect<Status.StyleContractDocument, Always | HordeError.RateLimited, Status.StyleContract>
  >
>()

holds<
  Same<
    typeof Status.layer,
    Layer.Layer<
      | Status.Heartbeat
      | Status.Modes
      | Status.SetModes
      | Status.Models
      | Status.Model
      | Status.Performance
      | Status.News
      | Status.SamplerConstraints
      | Status.StyleContract,
      never,
      HordeClient.HordeClient
    >
  >
>()
