/** The type of a job's results is kept: in progress, in errors and with acceptPartial. */
// @effect-diagnostics floatingEffect:off (nothing here runs)
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Endpoint, type HordeError, ImageGeneration, Job } from "effect-horde"
import { holds, type Same } from "./same.js"

// errors have results of the job's own type

holds<Same<HordeError.JobFaulted<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.JobImpossible<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.JobTimedOut<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.JobExpired<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.JobCancelled<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.DownloadFailed<ImageGeneration.Picture>["partial"], ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<HordeError.JobFaulted["partial"], ReadonlyArray<unknown>>>()
holds<Same<HordeError.JobFaulted["reason"], "faulted" | "short" | "stalled">>()
holds<Same<HordeError.JobFaulted["ticket"], Job.Ticket>>()
holds<Same<HordeError.DownloadFailed["ticket"], Job.Ticket | undefined>>()

// also where they are caught

const pictures = ImageGeneration.generate({ prompt: "a lighthouse" })

const caught = Effect.catchTags(pictures, {
  JobFaulted: ({ partial }) => Effect.succeed(partial),
  JobTimedOut: ({ partial, ticket }) => Effect.succeed({ partial, ticket })
})
holds<
  Same<
    Effect.Effect.Success<typeof caught>,
    ReadonlyArray<ImageGeneration.Picture> | { partial: ReadonlyArray<ImageGeneration.Picture>; ticket: Job.Ticket }
  >
>()
holds<
  Same<
    Effect.Effect.Error<typeof caught>,
    | Endpoint.ErrorOf<typeof ImageGeneration.Submit>
    | HordeError.JobImpossible<ImageGeneration.Picture>
    | HordeError.JobExpired<ImageGeneration.Picture>
    | HordeError.JobCancelled<ImageGeneration.Picture>
    | HordeError.DownloadFailed<ImageGeneration.Picture>
  >
>()

// acceptPartial changes no type: a job can still end without any result

const accepted = Job.acceptPartial(pictures)
holds<Same<typeof accepted, typeof pictures>>()
const piped = pictures.pipe(Job.acceptPartial)
holds<Same<typeof piped, typeof pictures>>()
const acceptedResult = Effect.flatMap(ImageGeneration.submit({ prompt: "a lighthouse" }), ({ result }) =>
  Job.acceptPartial(result)
)
holds<Same<Effect.Effect.Success<typeof acceptedResult>, ReadonlyArray<ImageGeneration.Picture>>>()
// @ts-expect-error there is nothing to accept of an effect that gives no list
Job.acceptPartial(Effect.succeed(1))

// progress has results of the job's own type

const events = ImageGeneration.progress({ prompt: "a lighthouse" })
holds<Same<Stream.Stream.Success<typeof events>["_tag"], "Submitted" | "Checked" | "Arrived" | "Finished">>()
export const mapped = Stream.map(events, (event) => {
  switch (event._tag) {
    case "Submitted":
      return event.ticket.expected
    case "Checked":
      return event.check.wait_time
    case "Arrived":
      return event.result.bytes.byteLength
    case "Finished":
      return event.results.length
  }
})
holds<Same<Stream.Stream.Success<typeof mapped>, number>>()
holds<Same<Extract<Job.Progress<string, number>, { _tag: "Arrived" }>["result"], string>>()

// jobs of any kind

declare const job: Job.Job<string, number, HordeError.RateLimited>
holds<Same<Effect.Effect.Success<typeof job.result>, ReadonlyArray<string>>>()
holds<Same<Effect.Effect.Success<typeof job.cancel>, ReadonlyArray<string>>>()
holds<
  Same<
    Effect.Effect.Error<typeof job.cancel>,
    HordeError.RateLimited | HordeError.JobExpired<string> | HordeError.DownloadFailed<string>
  >
>()
holds<Same<typeof job.detach, Effect.Effect<Job.Ticket>>>()
holds<Same<Parameters<typeof Job.isOver>, [check: Job.RequestStatusCheck]>>()
