/**
 * The versions of the real server that the embedded horde can behave as.
 */

/** The version that was recorded; it is also the version that replies name. */
export const recordedVersion = "5.1.5"

/**
 * Oldest first. `newer` adds the features that the public horde has added since the recordings; its exact number is
 * unknown.
 */
const versions = [recordedVersion, "newer"] as const

export type ServerVersion = (typeof versions)[number]

/** Whether a server of version `server` has the features of version `since`. */
export const includes = (server: ServerVersion, since: ServerVersion): boolean =>
  versions.indexOf(since) <= versions.indexOf(server)
