/** A user's file, compiled against the declarations as they are published. */
import { LanguageModel } from "@effect/ai"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { HordeLanguageModel } from "@effect-horde/ai"
import { Faults, HordeServer } from "@effect-horde/server"
import * as Accounts from "@effect-horde/server/Accounts"
import { PostgresJournal, type SqlJournal } from "@effect-horde/sql"
import { Effect, Layer, Redacted } from "effect"
import type * as ConfigError from "effect/ConfigError"
import {
  Horde,
  HordeClient,
  type HordeError,
  ImageGeneration,
  type Job,
  type JobJournal,
  Recovery,
  type Status,
  TextGeneration
} from "effect-horde"
import { AIHorde } from "effect-horde/promise"
import * as SharedKeys from "effect-horde/SharedKeys"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>() => {}

export const lend = Effect.gen(function* () {
  const key = yield* SharedKeys.create({ kudos: 500, name: "for a friend", expiry: 7 })
  const pictures = yield* ImageGeneration.generate({ prompt: "a fox in the snow" }).pipe(HordeClient.withApiKey(key.id))
  return pictures.map(({ bytes }) => bytes.length)
}).pipe(Effect.catchTag("Unauthorized", ({ message }) => Effect.fail(message)))

// an import that a declaration cannot resolve becomes `any` without an error: these types must be exact
holds<Same<Effect.Effect.Success<ReturnType<typeof SharedKeys.get>>, SharedKeys.SharedKeyDetails>>()
holds<Same<Effect.Effect.Context<ReturnType<typeof SharedKeys.get>>, SharedKeys.Get>>()
holds<
  Same<
    Extract<Effect.Effect.Error<ReturnType<typeof SharedKeys.get>>, { _tag: "Unauthorized" }>,
    HordeError.Unauthorized
  >
>()
holds<Same<Effect.Effect.Context<typeof Status.heartbeat>, Status.Heartbeat>>()
holds<Same<Layer.Layer.Context<ReturnType<typeof Horde.layer>>, HttpClient.HttpClient>>()
holds<
  Same<Layer.Layer.Success<ReturnType<typeof HordeServer.layerClient>>, HttpClient.HttpClient | HordeServer.HordeServer>
>()
holds<Same<ImageGeneration.Picture["bytes"], Uint8Array<ArrayBuffer>>>()
export const blob = (picture: ImageGeneration.Picture): Blob => new Blob([picture.bytes])

export const story = TextGeneration.generate({ prompt: "Once upon a time", params: { n: 2, stop_sequence: ["\n"] } })
holds<Same<Effect.Effect.Success<typeof story>, ReadonlyArray<TextGeneration.GeneratedText>>>()
holds<Same<Effect.Effect.Error<typeof story>, TextGeneration.GenerateError>>()
holds<Same<TextGeneration.GeneratedText["text"], string>>()
holds<
  Same<
    Extract<TextGeneration.GenerateError, { _tag: "JobFaulted" }>,
    HordeError.JobFaulted<TextGeneration.GeneratedText>
  >
>()
holds<Same<Effect.Effect.Success<ReturnType<typeof TextGeneration.resume>>, TextGeneration.TextJob>>()
holds<Same<TextGeneration.TextJob["ticket"], Job.Ticket>>()
export const recovered = Recovery.recover({ kinds: [TextGeneration.kind, ImageGeneration.kind], policy: "cancel" })

// @ts-expect-error max_length is a number
export const tooLong = TextGeneration.price({ prompt: "Once", params: { max_length: "80" } })

// @ts-expect-error kudos is a number
export const wrong = SharedKeys.create({ kudos: "500" })

export const HordeLive = Horde.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

export const HordeTest = Horde.layer({ apiKey: Redacted.make(Accounts.plainKey) }).pipe(
  Layer.provideMerge(HordeServer.layerClient({ seed: 1 }))
)

export const faults = Effect.flatMap(HordeServer.HordeServer, (server) => server.faults.script(Faults.failAttempts(1)))

export const JournalLive = PostgresJournal.layer({
  url: Redacted.make("postgres://horde@db/horde"),
  lease: "30 seconds"
})
holds<Same<typeof JournalLive, Layer.Layer<JobJournal.JobJournal, HordeError.JournalFailed>>>()
holds<
  Same<
    ReturnType<typeof SqlJournal.layerConfig>,
    Layer.Layer<JobJournal.JobJournal, HordeError.JournalFailed | ConfigError.ConfigError>
  >
>()

export const promised = async (apiKey: string) => {
  await using horde = new AIHorde({ apiKey })
  const key = await horde.sharedKeys.create({ kudos: 500, expiry: 7 })
  const pictures = await horde.images.generate({ prompt: "a fox in the snow" }, { apiKey: key.id })
  holds<Same<typeof pictures, ReadonlyArray<ImageGeneration.Picture>>>()
  holds<Same<typeof key.expiry, Date | undefined>>()
  // @ts-expect-error kudos is a number
  await horde.sharedKeys.create({ kudos: "500" })
}

export const answer = LanguageModel.generateText({ prompt: "Why is the sea salt?" }).pipe(
  Effect.provide(HordeLanguageModel.model("koboldcpp/LLaMA", { params: { temperature: 0.5 } }))
)
holds<Same<Effect.Effect.Context<typeof answer>, HordeLanguageModel.Services>>()

// @ts-expect-error a language model answers once
export const twice = HordeLanguageModel.model("koboldcpp/LLaMA", { params: { n: 2 } })
