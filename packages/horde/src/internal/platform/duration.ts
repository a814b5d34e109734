/** Durations from options, which plain JavaScript may fill with anything. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** Returns the default if the input is missing or no duration. */
export const durationOr = (
  input: Duration.DurationInput | undefined,
  otherwise: Duration.Duration
): Duration.Duration => Option.getOrElse(Duration.decodeUnknown(input), () => otherwise)
