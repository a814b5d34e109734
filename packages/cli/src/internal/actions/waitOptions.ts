import * as Duration from "effect/Duration"

/** The options of the wait for a job. */
export const waitOptions = (timeout: number | undefined): { readonly deadline?: Duration.Duration } =>
  timeout === undefined ? {} : { deadline: Duration.seconds(timeout) }
