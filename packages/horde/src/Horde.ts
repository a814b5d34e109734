/**
 * The whole SDK as one layer with defaults. It only needs an `HttpClient`.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import * as Horde from "effect-horde/Horde"
 * import * as Layer from "effect/Layer"
 *
 * export const HordeFromEnvironment = Horde.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Layer from "effect/Layer"
import * as Alchemy from "./Alchemy.js"
import * as Collections from "./Collections.js"
import * as Documents from "./Documents.js"
import type * as Download from "./Download.js"
import * as Filters from "./Filters.js"
import * as FollowUp from "./FollowUp.js"
import * as HordeClient from "./HordeClient.js"
import * as ImageGeneration from "./ImageGeneration.js"
import * as JobJournal from "./JobJournal.js"
import * as JobQuota from "./JobQuota.js"
import * as Kudos from "./Kudos.js"
import * as Operations from "./Operations.js"
import * as RateLimit from "./RateLimit.js"
import * as Retry from "./Retry.js"
import * as SharedKeys from "./SharedKeys.js"
import * as Stats from "./Stats.js"
import * as Status from "./Status.js"
import * as Styles from "./Styles.js"
import * as Teams from "./Teams.js"
import * as TextGeneration from "./TextGeneration.js"
import * as Users from "./Users.js"
import * as Worker from "./Worker.js"
import * as Workers from "./Workers.js"

/**
 * Every service that {@link layer} provides.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | HordeClient.HordeClient
  | FollowUp.FollowUp
  | JobJournal.JobJournal
  | Download.Download
  | Layer.Layer.Success<typeof SharedKeys.layer>
  | Layer.Layer.Success<typeof ImageGeneration.layer>
  | Layer.Layer.Success<typeof TextGeneration.layer>
  | Layer.Layer.Success<typeof Status.layer>
  | Layer.Layer.Success<typeof Users.layer>

/**
 * Every service that {@link layerAll} provides: all 98 operations of the API.
 *
 * @since 0.1.0
 * @category models
 */
export type AllServices =
  | Services
  | Layer.Layer.Success<typeof Alchemy.layer>
  | Layer.Layer.Success<typeof Collections.layer>
  | Layer.Layer.Success<typeof Documents.layer>
  | Layer.Layer.Success<typeof Filters.layer>
  | Layer.Layer.Success<typeof Kudos.layer>
  | Layer.Layer.Success<typeof Operations.layer>
  | Layer.Layer.Success<typeof Stats.layer>
  | Layer.Layer.Success<typeof Styles.layer>
  | Layer.Layer.Success<typeof Teams.layer>
  | Layer.Layer.Success<typeof Worker.layer>
  | Layer.Layer.Success<typeof Workers.layer>

/**
 * All kinds of jobs of this version, for `Recovery`: those that a program starts, and those that its workers pop.
 *
 * @since 0.1.0
 * @category kinds
 */
export const kinds: readonly [
  typeof ImageGeneration.kind,
  typeof TextGeneration.kind,
  typeof Alchemy.kind,
  typeof Worker.poppedImage,
  typeof Worker.poppedText,
  typeof Worker.poppedForm
] = [ImageGeneration.kind, TextGeneration.kind, Alchemy.kind, Worker.poppedImage, Worker.poppedText, Worker.poppedForm]

const stack = (
  connection: ReturnType<typeof HordeClient.layer>
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient | JobJournal.JobJournal> => {
  const all = Layer.mergeAll(
    SharedKeys.layer,
    ImageGeneration.layer,
    TextGeneration.layer,
    Status.layer,
    Users.layer,
    Layer.effect(JobJournal.JobJournal, JobJournal.JobJournal)
  ).pipe(Layer.provideMerge(FollowUp.layer()), Layer.provideMerge(connection))
  // layers are memoized by identity: without `fresh` two accounts in one program would share the key of the first
  return Layer.fresh(all).pipe(Layer.provide([RateLimit.layer, Retry.layer(), JobQuota.layer]))
}

/**
 * Jobs, shared keys, accounts and the state of the server, with the options of the connection. {@link layerAll} has all
 * other resources too. The journal of jobs is in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: HordeClient.Options
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provide(layerWithJournal(options), JobJournal.layerMemory)

/**
 * As {@link layer}, with the connection's options from configuration: `HORDE_API_KEY`, `HORDE_URL` and `HORDE_CLIENT_AGENT`
 * by default. The journal of jobs is in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options?: Config.Config.Wrap<HordeClient.Options>
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provide(layerWithJournalConfig(options), JobJournal.layerMemory)

/**
 * As {@link layer}, with a journal that the program provides, such as `FileJournal`, which survives a crash.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithJournal = (
  options?: HordeClient.Options
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient | JobJournal.JobJournal> =>
  stack(HordeClient.layer(options))

/**
 * As {@link layerConfig}, with a journal that the program provides.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithJournalConfig = (
  options?: Config.Config.Wrap<HordeClient.Options>
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient | JobJournal.JobJournal> =>
  stack(HordeClient.layerConfig(options))

/**
 * The resources that {@link layer} does not have. To add them to a layer with a journal:
 * `Horde.resources.pipe(Layer.provideMerge(Horde.layerWithJournal()))`.
 *
 * @since 0.1.0
 * @category layers
 */
export const resources: Layer.Layer<
  Exclude<AllServices, Services>,
  never,
  HordeClient.HordeClient | FollowUp.FollowUp
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.fresh(
    Layer.mergeAll(
      // `layer` has the download and the watcher already, which all kinds of jobs share
      Alchemy.Submit.layer,
      Alchemy.Status.layer,
      Alchemy.Cancel.layer,
      Collections.layer,
      Documents.layer,
      Filters.layer,
      Kudos.layer,
      Operations.layer,
      Stats.layer,
      Styles.layer,
      Teams.layer,
      Worker.layer,
      Workers.layer
    )
  )
)

/**
 * All resources of the API, with the options of the connection. The journal of jobs is in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerAll = (
  options?: HordeClient.Options
): Layer.Layer<AllServices, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provideMerge(resources, layer(options))

/**
 * As {@link layerAll}, with the connection's options from configuration, as for {@link layerConfig}.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerAllConfig = (
  options?: Config.Config.Wrap<HordeClient.Options>
): Layer.Layer<AllServices, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provideMerge(resources, layerConfig(options))
