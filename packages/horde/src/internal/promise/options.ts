/** The options of the Promise API, and the layer of services that they describe. */
import { SystemError } from "@effect/platform/Error"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Horde from "../../Horde.js"
import type * as HordeClient from "../../HordeClient.js"
import * as HordeError from "../../HordeError.js"
import * as JobJournal from "../../JobJournal.js"
import * as Recovery from "../../Recovery.js"
import * as connectionOptions from "../call/connectionOptions.js"
import { isRecord, runFunction } from "./plain.js"
import type { Input } from "./types.js"

/**
 * The options of an `AIHorde`: those of the connection, and how it runs.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Omit<HordeClient.Options, "apiKey"> {
  /**
   * An account's key (22 characters) or a shared key (a UUID). Without this option the account is the anonymous one,
   * which waits longest. An undefined key is refused.
   */
  readonly apiKey?: string | undefined
  /** Sends the requests, instead of `globalThis.fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Sends the requests, instead of `fetch`: a layer of the platform, or an embedded horde. */
  readonly httpClient?: Layer.Layer<HttpClient.HttpClient>
  /** The files of this runtime, such as `NodeContext.layer`: for `images.save` and for journals in files. */
  readonly platform?: Layer.Layer<FileSystem.FileSystem | Path.Path>
  /** The journal of jobs, such as `FileJournal.layer({ directory })`. In memory by default, which no crash survives. */
  readonly journal?: Layer.Layer<JobJournal.JobJournal, HordeError.JournalFailed, FileSystem.FileSystem | Path.Path>
  /**
   * How the journal's jobs of programs that were killed are handled, at once and then every 10 seconds. Without this
   * option they are not changed.
   */
  readonly recovery?: Input<Omit<Recovery.RecoverOptions, "kinds">>
}

/** All services that methods need. */
export type Services = Horde.AllServices | HttpClient.HttpClient | FileSystem.FileSystem | Path.Path

/** Stands for the files: the first access fails. The cast is that of a stub, whose paths lead nowhere. */
const noFiles = Layer.suspend(() => {
  const missing = Effect.fail(
    new SystemError({
      module: "FileSystem",
      method: "access",
      reason: "PermissionDenied",
      description: "the option `platform` is missing, for example NodeContext.layer of @effect/platform-node"
    })
  )
  const stub = new Proxy({}, { get: () => () => missing })
  return Layer.merge(
    Layer.succeed(FileSystem.FileSystem, stub as FileSystem.FileSystem),
    Layer.succeed(Path.Path, stub as Path.Path)
  )
})

const httpClientOf = ({ fetch, httpClient }: Options): Layer.Layer<HttpClient.HttpClient> =>
  httpClient ??
  (fetch === undefined
    ? FetchHttpClient.layer
    : Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch)))

// @effect-diagnostics anyUnknownInErrorContext:off -- a program's function may throw anything
const recoveryOf = ({ apiKeys = [], onRecovered, ...others }: NonNullable<Options["recovery"]>) =>
  Recovery.layer({
    ...others,
    kinds: Horde.kinds,
    apiKeys: apiKeys.map((key) => Redacted.make(key)),
    ...(onRecovered && { onRecovered: (found) => Effect.orDie(runFunction(() => onRecovered(found))) })
  })

const refused = (field: string, rule: string): HordeError.InvalidRequest =>
  new HordeError.InvalidRequest({
    method: "new",
    path: "AIHorde",
    errors: { [field]: rule },
    message: `${field}: ${rule}`
  })

/** The error of an option, in the form of all errors. */
const invalid = (error: ConfigError.ConfigError): HordeError.InvalidRequest => {
  const [field = "options"] = error._op === "InvalidData" ? error.path : []
  const message = error._op === "InvalidData" ? error.message : String(error)
  const rule = message.startsWith(`${field} `) ? message.slice(field.length + 1) : message
  return refused(field, rule)
}

/** Whether a value is valid, and the rule that it must obey. */
type Check = readonly [isValid: (value: unknown, options: Options) => boolean, rule: string]

const policies: ReadonlySet<unknown> = new Set(["resume", "cancel", "leave"] satisfies ReadonlyArray<Recovery.Policy>)

/** Programs in JavaScript may pass anything, and a misspelt option would be ignored. */
const checks: { readonly [Name in keyof Required<Options>]: Check | undefined } = {
  apiKey: undefined, // these are checked with the connection
  baseUrl: undefined,
  clientAgent: undefined,
  timeout: undefined,
  creationTimeout: undefined,
  maxReplyBytes: undefined,
  fetch: [(value) => typeof value === "function", "must be a function"],
  httpClient: [Layer.isLayer, "must be a layer"],
  platform: [Layer.isLayer, "must be a layer, such as NodeContext.layer"],
  journal: [Layer.isLayer, "must be a layer, such as FileJournal.layer({ directory })"],
  recovery: [
    (value, { journal }) => journal !== undefined && isRecord(value) && policies.has(value["policy"]),
    'must have a policy ("resume", "cancel" or "leave"), and needs the option journal'
  ]
}

const isKnown = (name: string): name is keyof Options => Object.hasOwn(checks, name)

const checkOptions = (options: Options): void => {
  if (!isRecord(options)) throw refused("options", "must be an object")
  for (const [name, value] of Object.entries(options)) {
    if (!isKnown(name)) throw refused(name, `unknown option; the options are ${Object.keys(checks).join(", ")}`)
    const check = checks[name]
    if (check === undefined || value === undefined) continue
    const [isValid, rule] = check
    if (!isValid(value, options)) throw refused(name, rule)
  }
}

/** Checks the options, and throws `InvalidRequest` if one is invalid. */
export const layerOf = (
  options: Options
): Layer.Layer<Services, HordeError.JournalFailed | ConfigError.ConfigError> => {
  checkOptions(options)
  const { apiKey, fetch: _fetch, httpClient: _httpClient, journal, platform = noFiles, recovery, ...others } = options
  const connection = "apiKey" in options ? { ...others, apiKey: Redacted.make(apiKey ?? "") } : others
  const checked = Effect.runSync(Effect.either(connectionOptions.read(connection)))
  if (Either.isLeft(checked)) throw invalid(checked.left)
  return (recovery === undefined ? Layer.empty : recoveryOf(recovery)).pipe(
    Layer.provideMerge(Horde.resources),
    Layer.provideMerge(Horde.layerWithJournal(connection)),
    Layer.provide(journal ?? JobJournal.layerMemory),
    Layer.provideMerge(Layer.merge(httpClientOf(options), platform))
  )
}
