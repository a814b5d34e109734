/**
 * Scripted trouble: what a network, a proxy, a worker or the server itself can do wrong, on demand.
 *
 * A rule is plain data. Hand it to {@link Service.script} of a running server, and it applies from then on, to the
 * requests or jobs that it matches, as often as it says. For development and tests only, like the whole package.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Faults from "@effect-horde/server/Faults"
 * import * as HordeServer from "@effect-horde/server/HordeServer"
 *
 * // The first submit is accepted, but its answer never arrives; every third check takes two seconds.
 * export const trouble = Effect.gen(function* () {
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
 * A request as a rule sees it.
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
 * A job as a rule sees it.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobFacts {
  readonly id: string
  readonly prompt: string
  readonly models: ReadonlyArray<string>
  /** How many pictures were asked for. */
  readonly n: number
  /** The role of the account that pays. */
  readonly account: string
}

/**
 * Which requests a rule is about, and how often it applies. What is left out matches everything; what is given must
 * all hold. `every`, `probability` and `times` count the requests that match the rest.
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
  /** Makes `probability` repeatable; 0 unless given. */
  readonly seed?: number
  /** Is used up after this many applications. */
  readonly times?: number
}

/**
 * Which jobs a rule is about: a prompt, or a predicate.
 *
 * @since 0.1.0
 * @category models
 */
export type JobMatch = string | ((job: JobFacts) => boolean)

/**
 * A reply of anybody's making.
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
 * What happens to a matching request. `before` means that the server never acted on it, `after` that it did and only
 * the answer suffers.
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
 * What happens to a matching job.
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
 * The trouble-maker of a running server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Adds rules to those in force. Of several that would answer one request, the first added does; delays add up. */
  readonly script: (...rules: ReadonlyArray<Rule>) => Effect.Effect<void>
  /** Ends all trouble. What has already happened stays. */
  readonly clear: Effect.Effect<void>
}

const onRequest =
  (action: Action) =>
  (match: Match = {}): Rule => ({ _tag: "RequestRule", match, action })

const onJob =
  (trouble: JobTrouble) =>
  (match: JobMatch = () => true): Rule => ({ _tag: "JobRule", match, trouble })

/**
 * The request takes this long to be acted on. A caller who goes away meanwhile does not stop it.
 *
 * @since 0.1.0
 * @category requests
 */
export const latency = (duration: Duration.DurationInput, match?: Match): Rule =>
  onRequest({ _tag: "Latency", duration })(match)

/**
 * Answers instead of the server, which never sees the request.
 *
 * @since 0.1.0
 * @category requests
 */
export const respond = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "before", response })(match)

/**
 * The server acts on the request, but the caller gets this answer: a gateway's 504, say.
 *
 * @since 0.1.0
 * @category requests
 */
export const respondAfter = (response: Response, match?: Match): Rule =>
  onRequest({ _tag: "Respond", when: "after", response })(match)

/**
 * Sends the caller somewhere else.
 *
 * @since 0.1.0
 * @category requests
 */
export const redirect = (url: string, match?: Match): Rule =>
  respond({ status: 302, headers: { location: url }, contentType: "text/html; charset=utf-8" }, match)

/**
 * The connection breaks with no answer at all.
 *
 * @since 0.1.0
 * @category requests
 */
export const reset = (when: "before" | "after", match?: Match): Rule => onRequest({ _tag: "Reset", when })(match)

/**
 * Nobody listens: the request cannot even be sent. A server on a real port breaks the connection instead, since it
 * cannot refuse what it already accepted.
 *
 * @since 0.1.0
 * @category requests
 */
export const refuse = (match?: Match): Rule => onRequest({ _tag: "Refuse" })(match)

/**
 * The server acts on the request; half of the answer's body arrives, then the connection breaks.
 *
 * @since 0.1.0
 * @category requests
 */
export const truncate = (match?: Match): Rule => onRequest({ _tag: "Truncate" })(match)

/**
 * The answer never ends. Nothing of it comes, or, after the request was acted on and with `sends: "half"`, the headers
 * and half of the body.
 *
 * @since 0.1.0
 * @category requests
 */
export const hang = (when: "before" | "after", match?: Match & { readonly sends?: "nothing" | "half" }): Rule =>
  onRequest({ _tag: "Hang", when, sends: match?.sends ?? "nothing" })(match)

/**
 * The worker reports failure for the next `times` attempts at matching jobs. Two of them end a one-picture job short.
 *
 * @since 0.1.0
 * @category jobs
 */
export const failAttempts = (times: number, match?: JobMatch): Rule => onJob({ _tag: "FailAttempts", times })(match)

/**
 * The worker disappears with the next `times` attempts at matching jobs; the server notices when they are overdue.
 *
 * @since 0.1.0
 * @category jobs
 */
export const loseAttempts = (times: number, match?: JobMatch): Rule => onJob({ _tag: "LoseAttempts", times })(match)

/**
 * No worker can take such a job.
 *
 * @since 0.1.0
 * @category jobs
 */
export const impossible = (match?: JobMatch): Rule => onJob({ _tag: "Impossible" })(match)

/**
 * The job ends without ever being done: nothing waits, nothing runs, `done` stays false.
 *
 * @since 0.1.0
 * @category jobs
 */
export const stall = (match?: JobMatch): Rule => onJob({ _tag: "Stall" })(match)

/**
 * The server forgets such jobs at once, those it has and those it gets.
 *
 * @since 0.1.0
 * @category jobs
 */
export const vanish = (match?: JobMatch): Rule => onJob({ _tag: "Vanish" })(match)

/**
 * Every picture comes back censored.
 *
 * @since 0.1.0
 * @category jobs
 */
export const censor = (match?: JobMatch): Rule => onJob({ _tag: "Censor" })(match)

/**
 * The server cannot reach its store of pictures: `img` reads `N/A`.
 *
 * @since 0.1.0
 * @category jobs
 */
export const unavailableImage = (match?: JobMatch): Rule => onJob({ _tag: "UnavailableImage" })(match)

/**
 * The picture is no picture: garbage behind the link, undecodable base64 without one.
 *
 * @since 0.1.0
 * @category jobs
 */
export const brokenImage = (match?: JobMatch): Rule => onJob({ _tag: "BrokenImage" })(match)

/**
 * Links to the pictures are dead when they are handed out.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expiredLink = (match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink" })(match)

/**
 * The next `times` links to pictures are dead when they are handed out; those after them are good. As if they had
 * expired on the way: a new look brings fresh ones.
 *
 * @since 0.1.0
 * @category jobs
 */
export const expireLinks = (times: number, match?: JobMatch): Rule => onJob({ _tag: "ExpiredLink", times })(match)
