/**
 * An embedded AI Horde for development and tests: same API, built-in worker, scripted faults.
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
 * Scripted faults of the network, a proxy, a worker or the server itself.
 *
 * @since 0.1.0
 */
export * as Faults from "./Faults.js"

/**
 * An embedded AI Horde.
 *
 * @since 0.1.0
 */
export * as HordeServer from "./HordeServer.js"
