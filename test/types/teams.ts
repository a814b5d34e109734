/** The types of `Teams`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Teams, Workers } from "effect-horde"
import type { Always, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Teams.List>,
    Plain<
      { readonly [part: string]: never } | undefined,
      ReadonlyArray<Teams.TeamDetails>,
      Always | HordeError.RateLimited
    >
  >
>()
holds<
  Same<
    Whole<typeof Teams.Create>,
    Plain<
      { readonly payload: Teams.CreateTeamInput },
      Teams.CreatedTeam,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Teams.Get>,
    Plain<{ readonly params: { readonly id: string } }, Teams.TeamDetails, ReadErrors | HordeError.NotFound>
  >
>()
holds<
  Same<
    Whole<typeof Teams.Modify>,
    Plain<
      { readonly params: { readonly id: string }; readonly payload: Teams.ModifyTeamInput },
      Teams.ModifyTeam,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Teams.Delete>,
    Plain<
      { readonly params: { readonly id: string } },
      Workers.Deleted,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()

holds<
  Same<typeof Teams.list, Effect.Effect<ReadonlyArray<Teams.TeamDetails>, Always | HordeError.RateLimited, Teams.List>>
>()
holds<
  Same<
    ReturnType<typeof Teams.create>,
    Effect.Effect<Teams.CreatedTeam, WriteErrors | HordeError.Unauthorized | HordeError.Forbidden, Teams.Create>
  >
>()
holds<
  Same<ReturnType<typeof Teams.get>, Effect.Effect<Teams.TeamDetails, ReadErrors | HordeError.NotFound, Teams.Get>>
>()
holds<
  Same<
    ReturnType<typeof Teams.modify>,
    Effect.Effect<
      Teams.ModifyTeam,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Teams.Modify
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Teams.remove>,
    Effect.Effect<
      Workers.Deleted,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Teams.Delete
    >
  >
>()

holds<
  Same<
    typeof Teams.layer,
    Layer.Layer<Teams.List | Teams.Create | Teams.Get | Teams.Modify | Teams.Delete, never, HordeClient.HordeClient>
  >
>()
