/** The types of `Workers`: its endpoints, and the functions that call them. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { HordeClient, HordeError, SharedKeys, Workers } from "effect-horde"
import type { Asks, Plain, ReadErrors, Whole, WriteErrors } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

holds<
  Same<Whole<typeof Workers.List>, Plain<Asks<Workers.ListQuery>, ReadonlyArray<Workers.WorkerDetails>, ReadErrors>>
>()
holds<
  Same<
    Whole<typeof Workers.Get>,
    Plain<{ readonly params: { readonly id: string } }, Workers.WorkerDetails, ReadErrors | HordeError.NotFound>
  >
>()
holds<
  Same<
    Whole<typeof Workers.GetByName>,
    Plain<{ readonly params: { readonly name: string } }, Workers.WorkerDetails, ReadErrors | HordeError.NotFound>
  >
>()
holds<
  Same<
    Whole<typeof Workers.Modify>,
    Plain<
      { readonly params: { readonly id: string }; readonly payload: Workers.ModifyWorkerInput },
      Workers.ModifyWorker,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Workers.Delete>,
    Plain<
      { readonly params: { readonly id: string } },
      Workers.Deleted,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound | HordeError.Locked
    >
  >
>()
holds<
  Same<
    Whole<typeof Workers.Messages>,
    Plain<
      Asks<Workers.MessagesQuery>,
      ReadonlyArray<Workers.WorkerMessage>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden
    >
  >
>()
holds<
  Same<
    Whole<typeof Workers.SendMessage>,
    Plain<
      { readonly payload: Workers.WorkerMessageInput },
      Workers.WorkerMessage,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()
holds<
  Same<
    Whole<typeof Workers.Message>,
    Plain<{ readonly params: { readonly id: string } }, Workers.WorkerMessage, ReadErrors | HordeError.NotFound>
  >
>()
holds<
  Same<
    Whole<typeof Workers.DeleteMessage>,
    Plain<
      { readonly params: { readonly id: string } },
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound
    >
  >
>()

holds<
  Same<ReturnType<typeof Workers.list>, Effect.Effect<ReadonlyArray<Workers.WorkerDetails>, ReadErrors, Workers.List>>
>()
holds<
  Same<
    ReturnType<typeof Workers.forImage>,
    Effect.Effect<ReadonlyArray<Workers.WorkerDetails>, ReadErrors, Workers.List>
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.get>,
    Effect.Effect<Workers.WorkerDetails, ReadErrors | HordeError.NotFound, Workers.Get>
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.getByName>,
    Effect.Effect<Workers.WorkerDetails, ReadErrors | HordeError.NotFound, Workers.GetByName>
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.modify>,
    Effect.Effect<
      Workers.ModifyWorker,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Workers.Modify
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.remove>,
    Effect.Effect<
      Workers.Deleted,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound | HordeError.Locked,
      Workers.Delete
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.messages>,
    Effect.Effect<
      ReadonlyArray<Workers.WorkerMessage>,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden,
      Workers.Messages
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.sendMessage>,
    Effect.Effect<
      Workers.WorkerMessage,
      WriteErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Workers.SendMessage
    >
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.message>,
    Effect.Effect<Workers.WorkerMessage, ReadErrors | HordeError.NotFound, Workers.Message>
  >
>()
holds<
  Same<
    ReturnType<typeof Workers.removeMessage>,
    Effect.Effect<
      SharedKeys.SimpleResponse,
      ReadErrors | HordeError.Unauthorized | HordeError.Forbidden | HordeError.NotFound,
      Workers.DeleteMessage
    >
  >
>()

holds<
  Same<
    typeof Workers.layer,
    Layer.Layer<
      | Workers.List
      | Workers.Get
      | Workers.GetByName
      | Workers.Modify
      | Workers.Delete
      | Workers.Messages
      | Workers.SendMessage
      | Workers.Message
      | Workers.DeleteMessage,
      never,
      HordeClient.HordeClient
    >
  >
>()
