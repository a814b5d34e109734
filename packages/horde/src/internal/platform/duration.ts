/** Decodes durations in options. Callers in JavaScript may pass any value. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** Returns `otherwise` if the input is missing or not a duration. */
export const durationOr = (
  input: Duration.DurationInput | undefined,
  otherwise: Duration.Duration
): Duration.Duration => Option.getOrElse(Duration.decodeUnknown(input), () => otherwise)
