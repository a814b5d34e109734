/** How long after it accepted a job the server may answer that it does not know it: replicas lag. In milliseconds. */
export const replicaLag = 10_000
