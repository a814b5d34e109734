/**
 * Scripted faults of the network, a proxy, a worker or the server itself.
 *
 * A rule is plain data. Pass it to {@link Service.script} of a running server: from then on it applies to the requests
 * or jobs that it matches, as often as it specifies. For development and tests only, like the whole package.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Faults from "@effect-horde/server/Faults"
 * import * as HordeServer from "@effect-horde/server/HordeServer"
 *
 * // The first submit is accepted, but its reply is lost; every third check takes two seconds.
 * export const faults = Effect.gen(function* () {
 *   const server = yield* HordeServer.HordeServer
 *   yield* server.faults.script(
 *     Faults.reset("after", { method: "POST", path: "/v2/generate/async", times: 1 }),
 *     Faults.latency("2 seconds", { path: "/v2/generate/check/:id", every: 3 })
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/**
 * A request as rules match it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly method: string
  /** The concrete path, without the query. */
  readonly path: string
  /** The path template, such as `/v2/generate/check/:id`; undefined where the server has no such route. */
  readonly route: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/**
 * A job as rules match it.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobFacts {
  readonly id: string
  readonly prompt: string
  readonly models: ReadonlyArray<string>
  /** The number of requested pictures. */
  readonly n: number
  /** The role of the account that pays. */
  readonly account: string
}

/**
 * Which requests a rule matches, and how often it applies. All given fields must match; absent fields match everything.
 * `every`, `probability` and `times` count the requests that match the other fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface Match {
  readonly method?: string
  /** The path template as the endpoints declare it, such as `/v2/generate/status/:id`. */
  readonly path?: string
  readonly where?: (request: Request) => boolean
  /** Applies to the nth, 2nth, … matching request. */
  readonly every?: number
  /** Applies to this share of the matching requests, from 0 to 1. */
  readonly probability?: number
  /** The seed for `probability`; 0 by default. */
  readonly seed?: number
  /** The maximum number of applications. */
  readonly times?: number
}

/**
 * Which jobs a rule matches: a prompt, or a predicate.
 *
 * @since 0.1.0
 * @category models
 */
export type JobMatch = string | ((job: JobFacts) => boolean)

/**
 * A scripted reply.
 *
 * @since 0.1.0
 * @category models
 */
export interface Response {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly contentType?: string
}

/**
 * The fault of a matching request. With `before` the server does not process the request; with `after` it does, and
 * only the reply is affected.
 *
 * @since 0.1.0
 * @category models
 */
export type Action =
  | { readonly _tag: "Latency"; readonly duration: Duration.DurationInput }
  | { readonly _tag: "Respond"; readonly when: "before" | "after"; readonly response: Response }
  | { readonly _tag: "Reset"; readonly when: "before" | "after" }
  | { readonly _tag: "Refuse" }
  | { readonly _tag: "Truncate" }
  | { readonly _tag: "Hang"; readonly when: "before" | "after"; readonly sends: "nothing" | "half" }

/**
 * The fault of a matching job.
 *
 * @since 0.1.0
 * @category models
 */
export type JobTrouble =
  | { readonly _tag: "FailAttempts"; readonly times: number }
  | { readonly _tag: "LoseAttempts"; readonly times: number }
  | { readonly _tag: "Impossible" }
  | { readonly _tag: "Stall" }
  | { readonly _tag: "Vanish" }
  | { readonly _tag: "Censor" }
  | { readonly _tag: "UnavailableImage" }
  | { readonly _tag: "BrokenImage" }
  | { readonly _tag: "ExpiredLink"; readonly times?: number }

/**
 * @since 0.1.0
 * @category models
 */
export type Rule =
  | { readonly _tag: "RequestRule"; readonly match: Match; readonly action: Action }
  | { readonly _tag: "JobRule"; readonly match: JobMatch; readonly trouble: JobTrouble }

/**
 * Adds fault rules to a running server, and removes them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Adds rules. If several match a request, the first one added applies; delays add up. */
  readonly script: (...rules: ReadonlyArray<Rule>) => Effect.Effect<void>
  /** Removes all rules. Their past effects remain. */
  readonly clear: Effect.Effect<void>
}

const onRequest =
  (action: Action) =>
  (match: Match = {}): Rule => ({ _tag: "RequestRule", match, action })

const onJob =
  (trouble: JobTrouble) =>
  (match: JobMatch = () => true): Rule => ({ _tag: "JobRule", match, trouble })

/**
 * Delays the processing of the request. It is processed even if the caller is interrupted meanwhile.
 *
 * @since 0.1.0
 * @category requests
 */
export const latency = (duration: Duration.DurationInput, match?: Match): Rule =>
  onRequest({ _tag: "Latency", duration })(match)

/**
 * Replies instead of the server, which does not process the request.
 *
 * @since 0.1.0
 * @category requests
 */
export const respond = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "before", response })(match)

/**
 * The server processes the request, but the caller receives this reply: for example a gateway's 504.
 *
 * @since 0.1.0
 * @category requests
 */
export const respondAfter = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "after", response })(match)

/**
 * Redirects the caller with status 302.
 *
 * @since 0.1.0
 * @category requests
 */
export const redirect = (url: string, match?: Match): Rule =>
  respond({ status: 302, headers: { location: url }, contentType: "text/html; charset=utf-8" }, match)

/**
 * The connection is reset without a reply.
 *
 * @since 0.1.0
 * @category requests
 */
export const reset = (when: "before" | "after", match?: Match): Rule => onRequest({ _tag: "Reset", when })(match)

/**
 * The connection is refused: the request cannot be sent. A server on a real port resets the connection instead, since
 * it has accepted it already.
 *
 * @since 0.1.0
 * @category requests
 */
export const refuse = (match?: Match): Rule => onRequest({ _tag: "Refuse" })(match)

/**
 * The server processes the request; half of the reply's body arrives, then the connection is reset.
 *
 * @since 0.1.0
 * @category requests
 */
export const truncate = (match?: Match): Rule => onRequest({ _tag: "Truncate" })(match)

/**
 * The reply hangs. Nothing of it arrives or, with `after` and `sends: "half"`, only the headers and half of the body.
 *
 * @since 0.1.0
 * @category requests
 */
export const hang = (when: "before" | "after", match?: Match & { readonly sends?: "nothing" | "half" }): Rule =>
  onRequest({ _tag: "Hang", when, sends: match?.sends ?? "nothing" })(match)

/**
 * The worker reports a failure for the next `times` attempts at matching jobs. After two failures, a job with one
 * picture is over without a result.
 *
 * @since 0.1.0
 * @category jobs
 */
export const failAttempts = (times: number, match?: JobMatch): Rule => onJob({ _tag: "FailAttempts", times })(match)

/**
 * The worker never delivers the next `times` attempts at matching jobs; the server gives up on them when they are
 * overdue.
 *
 * @since 0.1.0
 * @category jobs
 */
export const loseAttempts = (times: number, match?: JobMatch): Rule => onJob({ _tag: "LoseAttempts", times })(match)

/**
 * No worker can take a matching job.
 *
 * @since 0.1.0
 * @category jobs
 */
export const impossible = (match?: JobMatch): Rule => onJob({ _tag: "Impossible" })(match)

/**
 * The job stalls: nothing waits, nothing runs, and `done` stays false.
 *
 * @since 0.1.0
 * @category jobs
 */
export const stall = (match?: JobMatch): Rule => onJob({ _tag: "Stall" })(match)

/**
 * The server forgets matching jobs at once, both existing and new ones.
 *
 * @since 0.1.0
 * @category jobs
 */
export const vanish = (match?: JobMatch): Rule => onJob({ _tag: "Vanish" })(match)

/**
 * Every picture is censored.
 *
 * @since 0.1.0
 * @category jobs
 */
export const censor = (match?: JobMatch): Rule => onJob({ _tag: "Censor" })(match)

/**
 * The picture store is unavailable: `img` is `N/A`.
 *
 * @since 0.1.0
 * @category jobs
 */
export const unavailableImage = (match?: JobMatch): Rule => onJob({ _tag: "UnavailableImage" })(match)

/**
 * The picture cannot be decoded: the link leads to garbage, or the base64 is invalid.
 *
 * @since 0.1.0
 * @category jobs
 */
export const brokenImage = (match?: JobMatch): Rule => onJob({ _tag: "BrokenImage" })(match)

/**
 * Links to pictures have expired when they are issued.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expiredLink = (match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink" })(match)

/**
 * The next `times` links to pictures have expired when they are issued; later ones are valid. A client gets a fresh
 * link with another status request.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expireLinks = (times: number, match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink", times })(match)
