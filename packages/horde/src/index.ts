/**
 * The AI Horde SDK for Effect. Each module is an entry point of its own: `effect-horde/SharedKeys`.
 *
 * @since 0.1.0
 */

/**
 * An endpoint described as plain data.
 *
 * @since 0.1.0
 */
export * as Declaration from "./Declaration.js"

/**
 * Turns what a worker delivered into bytes.
 *
 * @since 0.1.0
 */
export * as Download from "./Download.js"

/**
 * How an endpoint becomes a service, and what a program can ask of one.
 *
 * @since 0.1.0
 */
export * as Endpoint from "./Endpoint.js"

/**
 * The journal of jobs in files.
 *
 * @since 0.1.0
 */
export * as FileJournal from "./FileJournal.js"

/**
 * Remembers unfinished jobs, and closes what is left.
 *
 * @since 0.1.0
 */
export * as FollowUp from "./FollowUp.js"

/**
 * The whole SDK as one layer.
 *
 * @since 0.1.0
 */
export * as Horde from "./Horde.js"

/**
 * The connection: address, key, name of the program.
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
 * Pictures: submit, follow, fetch, cancel.
 *
 * @since 0.1.0
 */
export * as ImageGeneration from "./ImageGeneration.js"

/**
 * How drawn pictures come into the hands of a program; stands in `ImageGeneration` as well.
 *
 * @since 0.1.0
 */
export * as ImageGenerationDelivery from "./ImageGenerationDelivery.js"

/**
 * The endpoints of image jobs, which stand in `ImageGeneration` as well.
 *
 * @since 0.1.0
 */
export * as ImageGenerationEndpoints from "./ImageGenerationEndpoints.js"

/**
 * What the server answers about image jobs.
 *
 * @since 0.1.0
 */
export * as ImageGenerationReply from "./ImageGenerationReply.js"

/**
 * What can be asked for when a picture is to be drawn.
 *
 * @since 0.1.0
 */
export * as ImageGenerationRequest from "./ImageGenerationRequest.js"

/**
 * A request for pictures as the server wrote it down.
 *
 * @since 0.1.0
 */
export * as ImageGenerationSubmitted from "./ImageGenerationSubmitted.js"

/**
 * The named values of image requests that are known today.
 *
 * @since 0.1.0
 */
export * as ImageGenerationValues from "./ImageGenerationValues.js"

/**
 * A journal of jobs in the browser.
 *
 * @since 0.1.0
 */
export * as IndexedDbJournal from "./IndexedDbJournal.js"

/**
 * One job's life, whatever its kind.
 *
 * @since 0.1.0
 */
export * as Job from "./Job.js"

/**
 * How a job can end badly.
 *
 * @since 0.1.0
 */
export * as JobError from "./JobError.js"

/**
 * What survives a crash: which jobs were started, and how they stand.
 *
 * @since 0.1.0
 */
export * as JobJournal from "./JobJournal.js"

/**
 * What image, text and alchemy jobs have in common on the wire.
 *
 * @since 0.1.0
 */
export * as JobModels from "./JobModels.js"

/**
 * Cancels what is unfinished when a page goes away.
 *
 * @since 0.1.0
 */
export * as PageExit from "./PageExit.js"

/**
 * A finished picture, as bytes or as a file.
 *
 * @since 0.1.0
 */
export * as Picture from "./Picture.js"

/**
 * Takes turns by the endpoints' own limits.
 *
 * @since 0.1.0
 */
export * as RateLimit from "./RateLimit.js"

/**
 * The refusal codes that the server is known to send.
 *
 * @since 0.1.0
 */
export * as Rc from "./Rc.js"

/**
 * What came back besides the value.
 *
 * @since 0.1.0
 */
export * as Reply from "./Reply.js"

/**
 * Repeats only what is safe.
 *
 * @since 0.1.0
 */
export * as Retry from "./Retry.js"

/**
 * Keys under which others spend an account's kudos.
 *
 * @since 0.1.0
 */
export * as SharedKeys from "./SharedKeys.js"

/**
 * The state of the horde itself.
 *
 * @since 0.1.0
 */
export * as Status from "./Status.js"

/**
 * A job in a form that can be kept.
 *
 * @since 0.1.0
 */
export * as Ticket from "./Ticket.js"

/**
 * Accounts: one's own, and those of others as far as they show.
 *
 * @since 0.1.0
 */
export * as Users from "./Users.js"
