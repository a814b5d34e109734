/** What the server does after how long. All in milliseconds. */

/** How long after it accepted a job the server may answer that it does not know it: replicas lag. */
export const replicaLag = 10_000

/** The server deletes a job so long after its last progress; so long it also waits for workers by default. */
export const serverForgetsAfter = 20 * 60_000

/** The same for jobs that extra slow workers may take. */
export const serverForgetsSlowAfter = 60 * 60_000
