/**
 * The AI Horde SDK for Effect: every endpoint a service, no job left behind.
 *
 * @since 0.1.0
 */

/**
 * Alchemy.
 *
 * @since 0.1.0
 */
export * as Alchemy from "./Alchemy.js"

/**
 * Collections of styles.
 *
 * @since 0.1.0
 */
export * as Collections from "./Collections.js"

/**
 * The server's documents.
 *
 * @since 0.1.0
 */
export * as Documents from "./Documents.js"

/**
 * Downloads a result.
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
 * Reads an endpoint's declaration.
 *
 * @since 0.1.0
 */
export * as EndpointMetadata from "./EndpointMetadata.js"

/**
 * A journal of jobs in files, for programs on one machine.
 *
 * @since 0.1.0
 */
export * as FileJournal from "./FileJournal.js"

/**
 * Filters.
 *
 * @since 0.1.0
 */
export * as Filters from "./Filters.js"

/**
 * Tracks started jobs, and cancels unfinished ones when their scope closes.
 *
 * @since 0.1.0
 */
export * as FollowUp from "./FollowUp.js"

/**
 * The whole SDK as one layer with defaults.
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
 * Image generation.
 *
 * @since 0.1.0
 */
export * as ImageGeneration from "./ImageGeneration.js"

/**
 * A journal of jobs in the browser's IndexedDB.
 *
 * @since 0.1.0
 */
export * as IndexedDbJournal from "./IndexedDbJournal.js"

/**
 * A started job.
 *
 * @since 0.1.0
 */
export * as Job from "./Job.js"

/**
 * The journal of jobs.
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
 * Delays submits while the account has the maximum number of waiting results.
 *
 * @since 0.1.0
 */
export * as JobQuota from "./JobQuota.js"

/**
 * Polls all jobs of a layer.
 *
 * @since 0.1.0
 */
export * as JobWatcher from "./JobWatcher.js"

/**
 * A journal over a custom store.
 *
 * @since 0.1.0
 */
export * as JournalStore from "./JournalStore.js"

/**
 * Kudos.
 *
 * @since 0.1.0
 */
export * as Kudos from "./Kudos.js"

/**
 * Operations.
 *
 * @since 0.1.0
 */
export * as Operations from "./Operations.js"

/**
 * Cancels unfinished jobs when a page is closed.
 *
 * @since 0.1.0
 */
export * as PageExit from "./PageExit.js"

/**
 * The state of a job as one line of text of a given width.
 *
 * @since 0.1.0
 */
export * as ProgressLine from "./ProgressLine.js"

/**
 * Delays calls to stay within the server's limits.
 *
 * @since 0.1.0
 */
export * as RateLimit from "./RateLimit.js"

/**
 * The known machine-readable error codes (`rc`) of the server.
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
 * Replies of the server, and their receipts.
 *
 * @since 0.1.0
 */
export * as Reply from "./Reply.js"

/**
 * Retries calls if that is safe, and not before the time that the server names.
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
 * Statistics of the horde.
 *
 * @since 0.1.0
 */
export * as Stats from "./Stats.js"

/**
 * The state of the server.
 *
 * @since 0.1.0
 */
export * as Status from "./Status.js"

/**
 * Styles.
 *
 * @since 0.1.0
 */
export * as Styles from "./Styles.js"

/**
 * Teams.
 *
 * @since 0.1.0
 */
export * as Teams from "./Teams.js"

/**
 * Text generation.
 *
 * @since 0.1.0
 */
export * as TextGeneration from "./TextGeneration.js"

/**
 * Accounts.
 *
 * @since 0.1.0
 */
export * as Users from "./Users.js"

/**
 * The side of workers.
 *
 * @since 0.1.0
 */
export * as Worker from "./Worker.js"

/**
 * Workers.
 *
 * @since 0.1.0
 */
export * as Workers from "./Workers.js"
