/** Runs the program of a command with the SDK over the horde that its options name. */
import type { FileSystem } from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import type { Terminal } from "@effect/platform/Terminal"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as FileJournal from "effect-horde/FileJournal"
import * as Horde from "effect-horde/Horde"
import { type JournalFailed, TransportError } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import * as ApiKey from "../credentials/apiKey.js"
import { stateFolder } from "../credentials/folders.js"
import { exitCode } from "../failures/exitCode.js"
import { CommandFailed, Unreachable, usage } from "../failures/failures.js"
import type { ConnectionOptions } from "../options/connection.js"
import { version } from "../program/version.js"
import { Network } from "./network.js"
import { observe } from "./reachability.js"

/** What a program needs. */
export interface Needs {
  /** The folder of the journal; without it the journal is in memory. */
  readonly journal?: Option.Option<string>
  /** Whether it needs an account's key: the anonymous account may not do this. */
  readonly account?: boolean
  /** The key under which it runs on an embedded horde; that of an ordinary account by default. */
  readonly embeddedKey?: string
  /** Whether an embedded horde has built-in workers; true by default. */
  readonly embeddedWorkers?: boolean
}

/** The horde of a command. */
export class Here extends Context.Tag("@effect-horde/cli/Here")<
  Here,
  {
    /** Its name for messages: the host, or `an embedded horde`. */
    readonly name: string
    readonly host: string
    readonly isEmbedded: boolean
    readonly hasKey: boolean
  }
>() {}

/** The key of `plain#2` on an embedded horde. It is a published constant of the server package. */
const embeddedKey = "embeddedPlain_bbbbbb02"

const publicHorde = "https://aihorde.net/api"

/** Where the program runs. */
interface Target {
  readonly here: Context.Tag.Service<Here>
  readonly baseUrl: string
  readonly apiKey: Redacted.Redacted | undefined
  readonly http: Layer.Layer<HttpClient.HttpClient>
}

type Host = FileSystem | Path.Path | Terminal | Network

const embeddedTarget = (options: ConnectionOptions, needs: Needs): Effect.Effect<Target, CommandFailed, Network> =>
  Effect.gen(function* () {
    if (Option.isSome(options.url)) return yield* usage("--embedded and --url exclude each other")
    const { embedded } = yield* Network
    return {
      here: { name: "an embedded horde", host: "the embedded horde", isEmbedded: true, hasKey: true },
      baseUrl: "http://127.0.0.1/api",
      apiKey: Redacted.make(needs.embeddedKey ?? embeddedKey),
      http: embedded({ workers: needs.embeddedWorkers ?? true })
    }
  })

const remoteTarget = (options: ConnectionOptions, needs: Needs): Effect.Effect<Target, CommandFailed, Host> =>
  Effect.gen(function* () {
    const variable = yield* Effect.orElseSucceed(Config.option(Config.string("HORDE_URL")), () => Option.none<string>())
    const baseUrl = Option.getOrElse(
      Option.orElse(options.url, () => Option.filter(variable, (url) => url !== "")),
      () => publicHorde
    )
    if (!URL.canParse(baseUrl)) return yield* usage("the address of the horde must be an http or https address")
    const apiKey = Option.getOrUndefined(yield* ApiKey.find(options))
    if (apiKey === undefined && needs.account === true) {
      return yield* new CommandFailed({
        code: exitCode.refused,
        message: "this needs an account, and no API key is set",
        hint: "set HORDE_API_KEY, use --key-file or --ask-key, or try it with --embedded"
      })
    }
    const { http } = yield* Network
    const { host } = new URL(baseUrl)
    return { here: { name: host, host, isEmbedded: false, hasKey: apiKey !== undefined }, baseUrl, apiKey, http }
  })

/** Jobs of different hordes must not be mixed up: each horde has a folder. */
const journalLayer = (
  folder: Option.Option<string>,
  host: string
): Layer.Layer<JobJournal.JobJournal, JournalFailed, FileSystem | Path.Path> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const paths = yield* Path.Path
      const parent = Option.isSome(folder) ? folder.value : paths.join(yield* stateFolder, "journal")
      return FileJournal.layer({ directory: paths.join(parent, host.replaceAll(/[^A-Za-z0-9.-]/g, "_")) })
    })
  )

/** Whether a request could not be sent: nothing happened on the horde. */
const isNotSent = (error: unknown): boolean => error instanceof TransportError && error.reason === "NotSent"

/** Runs a program over the horde that the options name. Fails early if the horde cannot be reached. */
export const withHorde = <A, E, R>(
  options: ConnectionOptions,
  needs: Needs,
  program: Effect.Effect<A, E, R>
): Effect.Effect<
  A,
  E | CommandFailed | Unreachable | ConfigError | JournalFailed,
  Exclude<R, Horde.AllServices | Here | HttpClient.HttpClient> | Host
> =>
  Effect.gen(function* () {
    const { apiKey, baseUrl, here, http } = yield* options.embedded
      ? embeddedTarget(options, needs)
      : remoteTarget(options, needs)
    const gaveUp = yield* Deferred.make<void>()
    const observed = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, observe(gaveUp)))
    const journal =
      needs.journal === undefined || here.isEmbedded ? JobJournal.layerMemory : journalLayer(needs.journal, here.host)
    const horde = Horde.resources.pipe(
      Layer.provideMerge(
        Horde.layerWithJournal({
          baseUrl,
          clientAgent: `effect-horde-cli:${version}:unknown`,
          ...(apiKey === undefined ? {} : { apiKey })
        })
      ),
      Layer.provide(journal),
      Layer.provideMerge(Layer.provide(observed, http)),
      Layer.provideMerge(Layer.succeed(Here, here))
    )
    const failed = Effect.zipRight(
      Deferred.await(gaveUp),
      Effect.fail(new Unreachable({ host: here.host, hasKey: here.hasKey }))
    )
    return yield* Effect.raceFirst(program, failed).pipe(
      Effect.mapError((error) =>
        isNotSent(error) ? new Unreachable({ host: here.host, hasKey: here.hasKey }) : error
      ),
      Effect.provide(horde)
    )
  })
