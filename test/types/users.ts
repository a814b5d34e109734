/** The types of `Users` that are not in `endpoints.ts` and `functions.ts`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, SharedKeys, Users } from "effect-horde"
import type { Asks, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<Same<Whole<typeof Users.List>, Plain<Asks<Users.ListQuery>, ReadonlyArray<Users.UserDetails>, ReadErrors>>>()
holds<
  Same<
    Whole<typeof Users.Modify>,
    Plain<
      { readonly params: { readonly id: number }; readonly payload: Users.ModifyUserInput },
      Users.ModifyUser,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Users.Delete>,
    Plain<
      { readonly params: { readonly id: number } },
      SharedKeys.SimpleResponse,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()

holds<Same<ReturnType<typeof Users.list>, Effect.Effect<ReadonlyArray<Users.UserDetails>, ReadErrors, Users.List>>>()
holds<
  Same<
    ReturnType<typeof Users.modify>,
    Effect.Effect<
      Users.ModifyUser,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Users.Modify
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Users.remove>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Users.Delete
    >
  >
>()

holds<
  Same<
    typeof Users.layer,
    Layer.Layer<Users.Find | Users.Get | Users.List | Users.Modify | Users.Delete, never, HordeClient.HordeClient>
  >
>()
