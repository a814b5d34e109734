/**
 * The SDK for programs without Effect: promises, async iterables, `AbortSignal`s and plain values.
 *
 * The methods of {@link AIHorde} are the functions of the resources' modules, with the same names and arguments.
 *
 * @example
 * ```ts
 * import { AIHorde } from "effect-horde/promise"
 *
 * export const draw = async (apiKey: string) => {
 *   await using horde = new AIHorde({ apiKey, clientAgent: "my-bot:1.0:me@example.com" })
 *   const [picture] = await horde.images.generate({ prompt: "a lighthouse at dusk" })
 *   return picture?.bytes
 * }
 * ```
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Either from "effect/Either"
import * as Alchemy from "./Alchemy.js"
import * as Collections from "./Collections.js"
import * as Documents from "./Documents.js"
import * as Filters from "./Filters.js"
import * as ImageGeneration from "./ImageGeneration.js"
import { methodsOf } from "./internal/promise/methods.js"
import { layerOf, type Options } from "./internal/promise/options.js"
import * as Runner from "./internal/promise/runner.js"
import type { Methods } from "./internal/promise/types.js"
import * as Job from "./Job.js"
import * as Kudos from "./Kudos.js"
import * as Operations from "./Operations.js"
import * as SharedKeys from "./SharedKeys.js"
import * as Stats from "./Stats.js"
import * as Status from "./Status.js"
import * as Styles from "./Styles.js"
import * as Teams from "./Teams.js"
import * as TextGeneration from "./TextGeneration.js"
import * as Users from "./Users.js"
import * as Worker from "./Worker.js"
import * as Workers from "./Workers.js"

export type { Options } from "./internal/promise/options.js"
export type { CallOptions, Input, Methods, Plain } from "./internal/promise/types.js"
export { encodeTicket } from "./Job.js"

const resources = {
  images: ImageGeneration,
  texts: TextGeneration,
  alchemy: Alchemy,
  sharedKeys: SharedKeys,
  users: Users,
  status: Status,
  kudos: Kudos,
  styles: Styles,
  collections: Collections,
  workers: Workers,
  worker: Worker,
  teams: Teams,
  stats: Stats,
  filters: Filters,
  operations: Operations,
  documents: Documents
}

/**
 * The resources of an {@link AIHorde}, each with the functions of its module.
 *
 * @since 0.1.0
 * @category models
 */
export type Resources = { readonly [K in keyof typeof resources]: Methods<(typeof resources)[K]> }

/**
 * A connection to the horde. Methods return promises, which reject with the errors of `HordeError`. A job whose call is
 * aborted, whose loop is left, or that is unfinished when the connection is closed, is cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export interface AIHorde extends Resources {}

/**
 * @since 0.1.0
 * @category models
 */
export class AIHorde {
  /**
   * Ends all calls, cancels the jobs that are unfinished, and waits until that is done. Later calls reject.
   *
   * @since 0.1.0
   */
  readonly close: () => Promise<void>

  /** Throws `InvalidRequest` if an option is invalid. Nothing is sent. */
  constructor(options: Options = {}) {
    const runner = Runner.make(layerOf(options))
    this.close = runner.close
    if (options.recovery !== undefined) runner.start()
    for (const [name, module] of Object.entries(resources)) {
      Object.defineProperty(this, name, { value: methodsOf(module, runner), enumerable: true })
    }
  }

  /** @since 0.1.0 */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Decodes the text of {@link encodeTicket}. Throws a `ParseError` if it is not one, which does not quote it.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decodeTicket = (text: string): Job.Ticket =>
  Either.getOrThrowWith(Job.decodeTicket(text), (error) => error)
