/** The types of `Operations`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, Operations, SharedKeys } from "effect-horde"
import type { Asks, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<
    Whole<typeof Operations.Timeouts>,
    Plain<
      { readonly [part: string]: never } | undefined,
      ReadonlyArray<Operations.IPTimeout>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.TimeoutsOf>,
    Plain<
      { readonly params: { readonly ipaddr: string } },
      ReadonlyArray<Operations.IPTimeout>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.AddTimeout>,
    Plain<
      { readonly payload: Operations.AddTimeoutIPInput },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.RemoveTimeout>,
    Plain<
      { readonly payload: Omit<Operations.AddTimeoutIPInput, "hours"> },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.BlockWorker>,
    Plain<
      { readonly params: { readonly id: string }; readonly payload: { readonly days: number } },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.UnblockWorker>,
    Plain<
      { readonly params: { readonly id: string } },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.Moderation>,
    Plain<
      Asks<Operations.ModerationQuery>,
      Operations.ModerationOverview,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.PromptEvents>,
    Plain<
      Asks<Operations.PromptEventsQuery>,
      Operations.PromptModerationEvents,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.AddNote>,
    Plain<
      { readonly params: { readonly id: number | string }; readonly payload: { readonly note: string } },
      Operations.PromptModerationNote,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Operations.SuspicionEvents>,
    Plain<
      Asks<Operations.SuspicionEventsQuery>,
      Operations.WorkerSuspicionEvents,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()

holds<
  Same<
    typeof Operations.timeouts,
    Effect.Effect<
      ReadonlyArray<Operations.IPTimeout>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.Timeouts
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.timeoutsOf>,
    Effect.Effect<
      ReadonlyArray<Operations.IPTimeout>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.TimeoutsOf
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.addTimeout>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.AddTimeout
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.removeTimeout>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.RemoveTimeout
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.blockWorker>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Operations.BlockWorker
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.unblockWorker>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Operations.UnblockWorker
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.moderation>,
    Effect.Effect<
      Operations.ModerationOverview,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.Moderation
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.promptEvents>,
    Effect.Effect<
      Operations.PromptModerationEvents,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.PromptEvents
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.addNote>,
    Effect.Effect<
      Operations.PromptModerationNote,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Operations.AddNote
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Operations.suspicionEvents>,
    Effect.Effect<
      Operations.WorkerSuspicionEvents,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Operations.SuspicionEvents
    >
  >
>()

holds<
  Same<
    typeof Operations.layer,
    Layer.Layer<
      | Operations.Timeouts
      | Operations.TimeoutsOf
      | Operations.AddTimeout
      | Operations.RemoveTimeout
      | Operations.BlockWorker
      | Operations.UnblockWorker
      | Operations.Moderation
      | Operations.PromptEvents
      | Operations.AddNote
      | Operations.SuspicionEvents,
      never,
      HordeClient.HordeClient
    >
  >
>()
