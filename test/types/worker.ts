/** The types of the endpoints and functions of workers. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Worker } from "effect-horde"
import type { EndpointsOf, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

interface With<Payload> {
  readonly payload: Payload
}

type PopErrors = WriteErrors | HordeError.Unauthorized | HordeError.Forbidden
type SubmitErrors = ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound

holds<
  Same<Whole<typeof Worker.PopImage>, Plain<With<Worker.PopInputStable>, Worker.GenerationPayloadStable, PopErrors>>
>()
holds<
  Same<
    Whole<typeof Worker.SubmitImage>,
    Plain<With<Worker.SubmitInputStable>, Worker.GenerationSubmitted, SubmitErrors>
  >
>()
holds<
  Same<Whole<typeof Worker.PopText>, Plain<With<Worker.PopInputKobold>, Worker.GenerationPayloadKobold, PopErrors>>
>()
holds<
  Same<Whole<typeof Worker.SubmitText>, Plain<With<Worker.SubmitInputKobold>, Worker.GenerationSubmitted, SubmitErrors>>
>()
holds<
  Same<
    Whole<typeof Worker.PopAlchemy>,
    Plain<With<Worker.InterrogationPopInput>, Worker.InterrogationPopPayload, PopErrors>
  >
>()
holds<
  Same<
    Whole<typeof Worker.SubmitAlchemy>,
    Plain<With<Worker.InterrogationSubmitInput>, Worker.GenerationSubmitted, SubmitErrors>
  >
>()

holds<
  Same<ReturnType<typeof Worker.popImage>, Effect.Effect<Worker.GenerationPayloadStable, PopErrors, Worker.PopImage>>
>()
holds<
  Same<
    ReturnType<typeof Worker.submitImage>,
    Effect.Effect<Worker.GenerationSubmitted, SubmitErrors, Worker.SubmitImage>
  >
>()
holds<
  Same<ReturnType<typeof Worker.popText>, Effect.Effect<Worker.GenerationPayloadKobold, PopErrors, Worker.PopText>>
>()
holds<
  Same<ReturnType<typeof Worker.submitText>, Effect.Effect<Worker.GenerationSubmitted, SubmitErrors, Worker.SubmitText>>
>()
holds<
  Same<
    ReturnType<typeof Worker.popAlchemy>,
    Effect.Effect<Worker.InterrogationPopPayload, PopErrors, Worker.PopAlchemy>
  >
>()
holds<
  Same<
    ReturnType<typeof Worker.submitAlchemy>,
    Effect.Effect<Worker.GenerationSubmitted, SubmitErrors, Worker.SubmitAlchemy>
  >
>()

holds<Same<typeof Worker.layer, Layer.Layer<EndpointsOf<typeof Worker>, never, HordeClient.HordeClient>>>()

// A reply without a job has no `id`; declared fields keep their types beside undeclared ones.

type Image = NonNullable<Worker.GenerationPayloadStable["payload"]>
holds<Same<Image["prompt"], string | undefined>>()
holds<Same<Image["ddim_steps"], number | undefined>>()
holds<Same<Image["a field of tomorrow"], unknown>>()
holds<Same<NonNullable<Worker.GenerationPayloadStable["skipped"]>["post-processing"], number | undefined>>()
holds<Same<Worker.InterrogationPopPayload["forms"], ReadonlyArray<Worker.InterrogationPopFormPayload>>>()
