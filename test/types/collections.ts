/** The types of the endpoints and functions of collections. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Collections, HordeClient, HordeError } from "effect-horde"
import type { EndpointsOf, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

interface Id {
  readonly params: { readonly id: string }
}
interface Name {
  readonly params: { readonly name: string }
}
interface With<Payload> {
  readonly payload: Payload
}
interface IdWith<Payload> extends Id {
  readonly payload: Payload
}
interface Query {
  readonly query: { readonly [K in keyof Collections.CollectionQuery]: Collections.CollectionQuery[K] }
}

type CreateErrors = WriteErrors | HordeError.Unauthorized | HordeError.Forbidden
type GetErrors = ReadErrors | HordeError.NotFound
type OwnerErrors = GetErrors | HordeError.Unauthorized | HordeError.Forbidden

holds<
  Same<Whole<typeof Collections.List>, Plain<Query, ReadonlyArray<Collections.ResponseModelCollection>, ReadErrors>>
>()
holds<
  Same<
    ReturnType<typeof Collections.list>,
    Effect.Effect<ReadonlyArray<Collections.ResponseModelCollection>, ReadErrors, Collections.List>
  >
>()

holds<
  Same<
    Whole<typeof Collections.Create>,
    Plain<With<Collections.InputModelCollection>, Collections.StyleModify, CreateErrors>
  >
>()
holds<
  Same<ReturnType<typeof Collections.create>, Effect.Effect<Collections.StyleModify, CreateErrors, Collections.Create>>
>()

holds<Same<Whole<typeof Collections.Get>, Plain<Id, Collections.ResponseModelCollection, GetErrors>>>()
holds<
  Same<
    ReturnType<typeof Collections.get>,
    Effect.Effect<Collections.ResponseModelCollection, GetErrors, Collections.Get>
  >
>()

holds<Same<Whole<typeof Collections.GetByName>, Plain<Name, Collections.ResponseModelCollection, GetErrors>>>()
holds<
  Same<
    ReturnType<typeof Collections.getByName>,
    Effect.Effect<Collections.ResponseModelCollection, GetErrors, Collections.GetByName>
  >
>()

holds<
  Same<
    Whole<typeof Collections.Modify>,
    Plain<IdWith<Collections.CollectionChanges>, Collections.StyleModify, OwnerErrors>
  >
>()
holds<
  Same<ReturnType<typeof Collections.modify>, Effect.Effect<Collections.StyleModify, OwnerErrors, Collections.Modify>>
>()

holds<Same<Whole<typeof Collections.Delete>, Plain<Id, Collections.SimpleResponse, OwnerErrors>>>()
holds<
  Same<
    ReturnType<typeof Collections.remove>,
    Effect.Effect<Collections.SimpleResponse, OwnerErrors, Collections.Delete>
  >
>()

holds<Same<typeof Collections.layer, Layer.Layer<EndpointsOf<typeof Collections>, never, HordeClient.HordeClient>>>()
