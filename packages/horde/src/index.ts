/**
 * The AI Horde SDK for Effect: every endpoint a service, no job left behind.
 *
 * @since 0.1.0
 */

/**
 * Turns what a worker delivered into the bytes of a complete picture, whether it came as base64, as a `data:` URL or as
 * a link.
 *
 * @since 0.1.0
 */
export * as Download from "./Download.js"

/**
 * An endpoint is a service.
 *
 * @since 0.1.0
 */
export * as Endpoint from "./Endpoint.js"

/**
 * Questions about an endpoint.
 *
 * @since 0.1.0
 */
export * as EndpointMetadata from "./EndpointMetadata.js"

/**
 * The journal of jobs in files, for programs that run on a machine of their own.
 *
 * @since 0.1.0
 */
export * as FileJournal from "./FileJournal.js"

/**
 * Tracks the jobs that were started and are not over, and cancels them when their scope closes.
 *
 * @since 0.1.0
 */
export * as FollowUp from "./FollowUp.js"

/**
 * The whole SDK as one layer with good defaults.
 *
 * @since 0.1.0
 */
export * as Horde from "./Horde.js"

/**
 * The connection to a horde.
 *
 * @since 0.1.0
 */
export * as HordeClient from "./HordeClient.js"

/**
 * Every error of the library.
 *
 * @since 0.1.0
 */
export * as HordeError from "./HordeError.js"

/**
 * Pictures.
 *
 * @since 0.1.0
 */
export * as ImageGeneration from "./ImageGeneration.js"

/**
 * A journal of jobs in the browser's IndexedDB, for pages.
 *
 * @since 0.1.0
 */
export * as IndexedDbJournal from "./IndexedDbJournal.js"

/**
 * One job's life.
 *
 * @since 0.1.0
 */
export * as Job from "./Job.js"

/**
 * What survives a crash.
 *
 * @since 0.1.0
 */
export * as JobJournal from "./JobJournal.js"

/**
 * What distinguishes one kind of jobs from another.
 *
 * @since 0.1.0
 */
export * as JobKind from "./JobKind.js"

/**
 * Delays submits while the account has as many results waiting for a worker as the server allows.
 *
 * @since 0.1.0
 */
export * as JobQuota from "./JobQuota.js"

/**
 * Cancels what is unfinished when a page goes away.
 *
 * @since 0.1.0
 */
export * as PageExit from "./PageExit.js"

/**
 * Delays calls to stay within the server's limits.
 *
 * @since 0.1.0
 */
export * as RateLimit from "./RateLimit.js"

/**
 * The machine-readable refusal codes (`rc`) that the server is known to send.
 *
 * @since 0.1.0
 */
export * as Rc from "./Rc.js"

/**
 * Takes over the jobs of dead processes from the journal, and searches for the jobs of submits whose reply was lost.
 *
 * @since 0.1.0
 */
export * as Recovery from "./Recovery.js"

/**
 * What came back besides the value.
 *
 * @since 0.1.0
 */
export * as Reply from "./Reply.js"

/**
 * Repeats only what is safe, and never before the server asked for it.
 *
 * @since 0.1.0
 */
export * as Retry from "./Retry.js"

/**
 * Shared keys.
 *
 * @since 0.1.0
 */
export * as SharedKeys from "./SharedKeys.js"

/**
 * The state of the server.
 *
 * @since 0.1.0
 */
export * as Status from "./Status.js"

/**
 * Accounts.
 *
 * @since 0.1.0
 */
export * as Users from "./Users.js"
