/** The types of `Stats`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Stats } from "effect-horde"
import type { Always, Asks, Plain, ReadErrors, Whole } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Stats.ImageTotals>,
    Plain<{ readonly [part: string]: never } | undefined, Stats.StatsImgTotals, Always | HordeError.RateLimited>
  >
>()
holds<Same<Whole<typeof Stats.ImageModels>, Plain<Asks<Stats.ImageModelsQuery>, Stats.ModelStats, ReadErrors>>>()
holds<
  Same<
    Whole<typeof Stats.TextTotals>,
    Plain<{ readonly [part: string]: never } | undefined, Stats.StatsTxtTotals, Always | HordeError.RateLimited>
  >
>()
holds<
  Same<
    Whole<typeof Stats.TextModels>,
    Plain<{ readonly [part: string]: never } | undefined, Stats.ModelStats, Always | HordeError.RateLimited>
  >
>()

holds<
  Same<
    typeof Stats.imageTotals,
    Effect.Effect<Stats.StatsImgTotals, Always | HordeError.RateLimited, Stats.ImageTotals>
  >
>()
holds<Same<ReturnType<typeof Stats.imageModels>, Effect.Effect<Stats.ModelStats, ReadErrors, Stats.ImageModels>>>()
holds<
  Same<typeof Stats.textTotals, Effect.Effect<Stats.StatsTxtTotals, Always | HordeError.RateLimited, Stats.TextTotals>>
>()
holds<
  Same<typeof Stats.textModels, Effect.Effect<Stats.ModelStats, Always | HordeError.RateLimited, Stats.TextModels>>
>()

holds<
  Same<
    typeof Stats.layer,
    Layer.Layer<
      Stats.ImageTotals | Stats.ImageModels | Stats.TextTotals | Stats.TextModels,
      never,
      HordeClient.HordeClient
    >
  >
>()
