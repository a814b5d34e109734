/**
 * An embedded AI Horde for development and tests.
 *
 * @since 0.1.0
 */

/**
 * The accounts that an embedded horde starts with.
 *
 * @since 0.1.0
 */
export * as Accounts from "./Accounts.js"

/**
 * Scripted faults: late, broken and wrong replies, failing workers, vanishing jobs.
 *
 * @since 0.1.0
 */
export * as Faults from "./Faults.js"

/**
 * The embedded horde itself, on a port or in process.
 *
 * @since 0.1.0
 */
export * as HordeServer from "./HordeServer.js"
