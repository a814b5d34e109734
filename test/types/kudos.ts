/** The types of `Kudos`. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Kudos, SharedKeys } from "effect-horde"
import type { Plain, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

type TransferErrors = WriteErrors | HordeError.Unauthorized
type AwardErrors = TransferErrors | HordeError.Forbidden

holds<
  Same<
    Whole<typeof Kudos.Transfer>,
    Plain<{ readonly payload: Kudos.TransferInput }, Kudos.KudosTransferred, TransferErrors>
  >
>()
holds<Same<Whole<typeof Kudos.Award>, Plain<{ readonly payload: Kudos.AwardInput }, Kudos.KudosAwarded, AwardErrors>>>()
holds<Same<Kudos.TransferInput["username"], string | SharedKeys.SharedKeyId>>()

holds<Same<ReturnType<typeof Kudos.transfer>, Effect.Effect<Kudos.KudosTransferred, TransferErrors, Kudos.Transfer>>>()
holds<Same<ReturnType<typeof Kudos.award>, Effect.Effect<Kudos.KudosAwarded, AwardErrors, Kudos.Award>>>()
holds<Same<typeof Kudos.layer, Layer.Layer<Kudos.Transfer | Kudos.Award, never, HordeClient.HordeClient>>>()
