/**
 * Scripted faults of the network, a proxy, a worker or the server itself.
 *
 * A rule is plain data. {@link Service.script} adds it to a running server: from then on it applies to the requests or
 * jobs that it matches, up to its limit (`times`). For development and tests only, like the whole package.
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
 * The fields of a request that a rule can match.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly method: string
  /** The concrete path, without the query. */
  readonly path: string
  /** The path template, such as `/v2/generate/check/:id`; undefined if the server has no such route. */
  readonly route: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/**
 * The fields of a job that a rule can match.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobFacts {
  readonly id: string
  readonly kind: "image" | "text" | "alchemy"
  readonly prompt: string
  readonly models: ReadonlyArray<string>
  /** The number of requested pictures or texts. */
  readonly n: number
  /** The role of the account that pays for the job. */
  readonly account: string
}

/**
 * The requests that a rule matches, and how often it applies to them. A request must match `method`, `path` and `where`;
 * absent fields match every request. `every` and `probability` then select from the matching requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Match {
  readonly method?: string
  /** The path template as the endpoints declare it, such as `/v2/generate/status/:id`. */
  readonly path?: string
  /** A predicate for everything else, such as headers or the body. */
  readonly where?: (request: Request) => boolean
  /** Applies only to every nth matching request: with 3 to the third, the sixth and so on. */
  readonly every?: number
  /** Applies to each matching request with this probability, from 0 to 1. */
  readonly probability?: number
  /** The seed of the random numbers for `probability`; 0 by default. */
  readonly seed?: number
  /** The maximum number of requests to which the rule applies; unlimited by default. */
  readonly times?: number
}

/**
 * The jobs that a rule matches: those with this exact prompt, or those for which the predicate returns true.
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
 * The fault of a matching request. With `before` the server does not process the request. With `after` it processes the
 * request, and only the reply is affected.
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
 * A rule: the requests or jobs that it matches, and their fault.
 *
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
  /** Adds rules. If several rules match a request, the one that was added first applies; only delays add up. */
  readonly script: (...rules: ReadonlyArray<Rule>) => Effect.Effect<void>
  /** Removes all rules. Faults that have happened already are not undone. */
  readonly clear: Effect.Effect<void>
}

const onRequest =
  (action: Action) =>
  (match: Match = {}): Rule => ({ _tag: "RequestRule", match, action })

const onJob =
  (trouble: JobTrouble) =>
  (match: JobMatch = () => true): Rule => ({ _tag: "JobRule", match, trouble })

/**
 * Delays the processing of the request. The server processes it even if the caller is interrupted during the delay.
 *
 * @since 0.1.0
 * @category requests
 */
export const latency = (duration: Duration.DurationInput, match?: Match): Rule =>
  onRequest({ _tag: "Latency", duration })(match)

/**
 * Sends this reply. The server does not process the request.
 *
 * @since 0.1.0
 * @category requests
 */
export const respond = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "before", response })(match)

/**
 * The server processes the request, but the caller receives this reply, for example the 504 of a gateway.
 *
 * @since 0.1.0
 * @category requests
 */
export const respondAfter = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "after", response })(match)

/**
 * Redirects the caller to a URL with status 302. The server does not process the request.
 *
 * @since 0.1.0
 * @category requests
 */
export const redirect = (url: string, match?: Match): Rule =>
  respond({ status: 302, headers: { location: url }, contentType: "text/html; charset=utf-8" }, match)

/**
 * Resets the connection without a reply, before or after the server processes the request.
 *
 * @since 0.1.0
 * @category requests
 */
export const reset = (when: "before" | "after", match?: Match): Rule => onRequest({ _tag: "Reset", when })(match)

/**
 * Refuses the connection: the request cannot be sent. A server on a real port has accepted the connection already, and
 * resets it instead.
 *
 * @since 0.1.0
 * @category requests
 */
export const refuse = (match?: Match): Rule => onRequest({ _tag: "Refuse" })(match)

/**
 * The server processes the request. The caller receives half of the reply's body, then the connection is reset.
 *
 * @since 0.1.0
 * @category requests
 */
export const truncate = (match?: Match): Rule => onRequest({ _tag: "Truncate" })(match)

/**
 * The reply never ends. The caller receives nothing or, with `after` and `sends: "half"`, the headers and half of the
 * body.
 *
 * @since 0.1.0
 * @category requests
 */
export const hang = (when: "before" | "after", match?: Match & { readonly sends?: "nothing" | "half" }): Rule =>
  onRequest({ _tag: "Hang", when, sends: match?.sends ?? "nothing" })(match)

/**
 * The worker reports a failure for the next `times` attempts of matching jobs. After two failures, an image job with
 * one picture is over without a result. A text job waits for another attempt; with three failures, the server gives up
 * on it within a minute.
 *
 * @since 0.1.0
 * @category jobs
 */
export const failAttempts = (times: number, match?: JobMatch): Rule => onJob({ _tag: "FailAttempts", times })(match)

/**
 * The worker does not deliver the next `times` attempts of matching jobs. The server fails them when they are overdue.
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
 * A matching job stalls: no picture or text is waiting or in progress, and `done` stays false.
 *
 * @since 0.1.0
 * @category jobs
 */
export const stall = (match?: JobMatch): Rule => onJob({ _tag: "Stall" })(match)

/**
 * The server forgets matching jobs immediately, both existing and new ones.
 *
 * @since 0.1.0
 * @category jobs
 */
export const vanish = (match?: JobMatch): Rule => onJob({ _tag: "Vanish" })(match)

/**
 * Every picture or text of a matching job is censored.
 *
 * @since 0.1.0
 * @category jobs
 */
export const censor = (match?: JobMatch): Rule => onJob({ _tag: "Censor" })(match)

/**
 * The pictures of a matching job are missing in the picture store: `img` is `N/A`.
 *
 * @since 0.1.0
 * @category jobs
 */
export const unavailableImage = (match?: JobMatch): Rule => onJob({ _tag: "UnavailableImage" })(match)

/**
 * The pictures of a matching job cannot be decoded: the link returns bytes that are not an image, or the base64 is
 * invalid.
 *
 * @since 0.1.0
 * @category jobs
 */
export const brokenImage = (match?: JobMatch): Rule => onJob({ _tag: "BrokenImage" })(match)

/**
 * All links to the pictures of a matching job have expired when they are issued.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expiredLink = (match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink" })(match)

/**
 * The next `times` links to the pictures of matching jobs have expired when they are issued; later links are valid. A
 * client gets a new link with another status request.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expireLinks = (times: number, match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink", times })(match)
