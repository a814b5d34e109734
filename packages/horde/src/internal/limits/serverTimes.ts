/** Time limits of the server, in milliseconds. */

/** The time after accepting a job in which the server's replicas may not have it. */
export const replicaLag = 10_000

/** The server deletes a job this long after its last progress, and after its submit if no worker takes it. */
export const serverForgetsAfter = 20 * 60_000

/** The same for jobs that extra slow workers may take. */
export const serverForgetsSlowAfter = 60 * 60_000
