/** The types of `Filters`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Filters, HordeClient, HordeError, SharedKeys } from "effect-horde"
import type { Asks, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Filters.List>,
    Plain<
      Asks<Filters.ListQuery>,
      ReadonlyArray<Filters.FilterDetails>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Create>,
    Plain<
      { readonly payload: Filters.PutNewFilter },
      Filters.FilterDetails,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Test>,
    Plain<
      { readonly payload: Filters.TestInput },
      Filters.FilterPromptSuspicion,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Regex>,
    Plain<
      { readonly query: { readonly filter_type?: number | undefined } },
      ReadonlyArray<Filters.FilterRegex>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Get>,
    Plain<
      { readonly params: { readonly id: string } },
      Filters.FilterDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Modify>,
    Plain<
      { readonly params: { readonly id: string }; readonly payload: Filters.PatchExistingFilter },
      Filters.FilterDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Filters.Delete>,
    Plain<
      { readonly params: { readonly id: string } },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()

holds<
  Same<
    ReturnType<typeof Filters.list>,
    Effect.Effect<
      ReadonlyArray<Filters.FilterDetails>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Filters.List
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.create>,
    Effect.Effect<Filters.FilterDetails, WriteErrors | HordeError.Unauthorized | HordeError.Forbidden, Filters.Create>
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.test>,
    Effect.Effect<
      Filters.FilterPromptSuspicion,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Filters.Test
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.regex>,
    Effect.Effect<
      ReadonlyArray<Filters.FilterRegex>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Filters.Regex
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.get>,
    Effect.Effect<
      Filters.FilterDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Filters.Get
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.modify>,
    Effect.Effect<
      Filters.FilterDetails,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Filters.Modify
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Filters.remove>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Filters.Delete
    >
  >
>()

holds<
  Same<
    typeof Filters.layer,
    Layer.Layer<
      Filters.List | Filters.Create | Filters.Test | Filters.Regex | Filters.Get | Filters.Modify | Filters.Delete,
      never,
      HordeClient.HordeClient
    >
  >
>()
