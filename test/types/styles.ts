/** The types of the endpoints and functions of styles. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, SharedKeys, Styles } from "effect-horde"
import type { EndpointsOf, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

interface Id {
  readonly params: { readonly id: string }
}
interface Name {
  readonly params: { readonly name: string }
}
interface ExampleId {
  readonly params: { readonly id: string; readonly example: string }
}
interface With<Payload> {
  readonly payload: Payload
}
interface IdWith<Payload> extends Id {
  readonly payload: Payload
}
interface ExampleIdWith<Payload> extends ExampleId {
  readonly payload: Payload
}
interface Query {
  readonly query: { readonly [K in keyof Styles.StyleQuery]: Styles.StyleQuery[K] }
}

type CreateErrors = WriteErrors | HordeError.Unauthorized | HordeError.Forbidden
type GetErrors = ReadErrors | HordeError.NotFound
type OwnerErrors = GetErrors | HordeError.Unauthorized | HordeError.Forbidden
type AddErrors = OwnerErrors | HordeError.OutcomeUnknown

holds<Same<Whole<typeof Styles.ListImage>, Plain<Query, ReadonlyArray<Styles.StyleStable>, ReadErrors>>>()
holds<
  Same<
    ReturnType<typeof Styles.listImage>,
    Effect.Effect<ReadonlyArray<Styles.StyleStable>, ReadErrors, Styles.ListImage>
  >
>()

holds<
  Same<Whole<typeof Styles.CreateImage>, Plain<With<Styles.ModelStyleInputStable>, Styles.StyleModify, CreateErrors>>
>()
holds<
  Same<ReturnType<typeof Styles.createImage>, Effect.Effect<Styles.StyleModify, CreateErrors, Styles.CreateImage>>
>()

holds<Same<Whole<typeof Styles.GetImage>, Plain<Id, Styles.StyleStable, GetErrors>>>()
holds<Same<ReturnType<typeof Styles.getImage>, Effect.Effect<Styles.StyleStable, GetErrors, Styles.GetImage>>>()

holds<Same<Whole<typeof Styles.GetImageByName>, Plain<Name, Styles.StyleStable, GetErrors>>>()
holds<
  Same<ReturnType<typeof Styles.getImageByName>, Effect.Effect<Styles.StyleStable, GetErrors, Styles.GetImageByName>>
>()

holds<
  Same<Whole<typeof Styles.ModifyImage>, Plain<IdWith<Styles.ModelStylePatchStable>, Styles.StyleModify, OwnerErrors>>
>()
holds<Same<ReturnType<typeof Styles.modifyImage>, Effect.Effect<Styles.StyleModify, OwnerErrors, Styles.ModifyImage>>>()

holds<Same<Whole<typeof Styles.DeleteImage>, Plain<Id, Styles.SimpleResponse, OwnerErrors>>>()
holds<
  Same<ReturnType<typeof Styles.removeImage>, Effect.Effect<Styles.SimpleResponse, OwnerErrors, Styles.DeleteImage>>
>()

holds<Same<Whole<typeof Styles.ListText>, Plain<Query, ReadonlyArray<Styles.StyleKobold>, ReadErrors>>>()
holds<
  Same<
    ReturnType<typeof Styles.listText>,
    Effect.Effect<ReadonlyArray<Styles.StyleKobold>, ReadErrors, Styles.ListText>
  >
>()

holds<
  Same<Whole<typeof Styles.CreateText>, Plain<With<Styles.ModelStyleInputKobold>, Styles.StyleModify, CreateErrors>>
>()
holds<Same<ReturnType<typeof Styles.createText>, Effect.Effect<Styles.StyleModify, CreateErrors, Styles.CreateText>>>()

holds<Same<Whole<typeof Styles.GetText>, Plain<Id, Styles.StyleKobold, GetErrors>>>()
holds<Same<ReturnType<typeof Styles.getText>, Effect.Effect<Styles.StyleKobold, GetErrors, Styles.GetText>>>()

holds<Same<Whole<typeof Styles.GetTextByName>, Plain<Name, Styles.StyleKobold, GetErrors>>>()
holds<
  Same<ReturnType<typeof Styles.getTextByName>, Effect.Effect<Styles.StyleKobold, GetErrors, Styles.GetTextByName>>
>()

holds<
  Same<Whole<typeof Styles.ModifyText>, Plain<IdWith<Styles.ModelStylePatchKobold>, Styles.StyleModify, OwnerErrors>>
>()
holds<Same<ReturnType<typeof Styles.modifyText>, Effect.Effect<Styles.StyleModify, OwnerErrors, Styles.ModifyText>>>()

holds<Same<Whole<typeof Styles.DeleteText>, Plain<Id, Styles.SimpleResponse, OwnerErrors>>>()
holds<
  Same<ReturnType<typeof Styles.removeText>, Effect.Effect<Styles.SimpleResponse, OwnerErrors, Styles.DeleteText>>
>()

holds<
  Same<Whole<typeof Styles.AddExample>, Plain<IdWith<Styles.InputStyleExamplePost>, Styles.StyleModify, AddErrors>>
>()
holds<Same<ReturnType<typeof Styles.addExample>, Effect.Effect<Styles.StyleModify, AddErrors, Styles.AddExample>>>()

holds<
  Same<
    Whole<typeof Styles.ModifyExample>,
    Plain<ExampleIdWith<Styles.InputStyleExamplePatch>, Styles.StyleModify, OwnerErrors>
  >
>()
holds<
  Same<ReturnType<typeof Styles.modifyExample>, Effect.Effect<Styles.StyleModify, OwnerErrors, Styles.ModifyExample>>
>()

holds<Same<Whole<typeof Styles.DeleteExample>, Plain<ExampleId, Styles.SimpleResponse, OwnerErrors>>>()
holds<
  Same<ReturnType<typeof Styles.removeExample>, Effect.Effect<Styles.SimpleResponse, OwnerErrors, Styles.DeleteExample>>
>()

holds<Same<typeof Styles.layer, Layer.Layer<EndpointsOf<typeof Styles>, never, HordeClient.HordeClient>>>()

// The shared key of a style is a credential in requests and replies.

holds<Same<Styles.ModelStyleInputStable["sharedkey"], SharedKeys.SharedKeyId | undefined>>()
holds<Same<Styles.StyleStable["shared_key"], SharedKeys.SharedKeyDetails | undefined>>()

// A new style has a name and models; changes have neither.

holds<Same<Styles.ModelStyleInputKobold["name"], string>>()
holds<Same<Styles.ModelStyleInputKobold["models"], ReadonlyArray<string>>>()
holds<Same<Styles.ModelStylePatchKobold["name"], string | undefined>>()
holds<Same<Styles.ModelStylePatchKobold["models"], ReadonlyArray<string> | undefined>>()
