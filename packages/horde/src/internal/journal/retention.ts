/** How long jobs are remembered, in milliseconds. */

/** The server deletes a job and its results this long after its last delivery. */
export const serverForgetsAfter = 20 * 60_000

/** Entries open for this long are abandoned: the server has forgotten their jobs. */
export const abandonedAfter = 24 * 60 * 60_000
