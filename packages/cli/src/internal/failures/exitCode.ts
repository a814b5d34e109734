/** The exit codes of the command. They are documented in docs/cli.md, and scripts depend on them. */
export const exitCode = {
  success: 0,
  /** A bug, or something that no other code describes. */
  failure: 1,
  /** Wrong options or arguments, or a request that is invalid. */
  usage: 2,
  /** The API key is unknown, or the account may not do this or has too few kudos. */
  refused: 3,
  /** A model, a shared key, a job, a worker or a file does not exist. */
  notFound: 4,
  /** The horde is busy, in maintenance or broken: try again later. */
  busy: 5,
  /** The horde cannot be reached. */
  unreachable: 6,
  /** The job failed, timed out or was cancelled elsewhere, or its results could not be fetched. */
  jobFailed: 7,
  /** The reply to a submit or to the creation of a key was lost: it is unknown whether it succeeded. */
  unknown: 8,
  /** A file, the journal or a port of this machine cannot be used. */
  local: 9,
  /** Ended by SIGHUP: the terminal was closed. */
  hungUp: 129,
  /** Interrupted by Ctrl-C. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143
} as const

/** One of {@link exitCode}. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
