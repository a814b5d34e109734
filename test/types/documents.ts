/** The types of `Documents`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Documents, HordeClient } from "effect-horde"
import type { Plain, ReadErrors, Whole } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Documents.Terms>,
    Plain<{ readonly query: { readonly format?: Documents.Format | undefined } }, Documents.HordeDocument, ReadErrors>
  >
>()
holds<
  Same<
    Whole<typeof Documents.Privacy>,
    Plain<{ readonly query: { readonly format?: Documents.Format | undefined } }, Documents.HordeDocument, ReadErrors>
  >
>()
holds<
  Same<
    Whole<typeof Documents.Sponsors>,
    Plain<{ readonly query: { readonly format?: Documents.Format | undefined } }, Documents.HordeDocument, ReadErrors>
  >
>()

holds<Same<ReturnType<typeof Documents.terms>, Effect.Effect<Documents.HordeDocument, ReadErrors, Documents.Terms>>>()
holds<
  Same<ReturnType<typeof Documents.privacy>, Effect.Effect<Documents.HordeDocument, ReadErrors, Documents.Privacy>>
>()
holds<
  Same<ReturnType<typeof Documents.sponsors>, Effect.Effect<Documents.HordeDocument, ReadErrors, Documents.Sponsors>>
>()

holds<
  Same<
    typeof Documents.layer,
    Layer.Layer<Documents.Terms | Documents.Privacy | Documents.Sponsors, never, HordeClient.HordeClient>
  >
>()
