/** Durations from options, which plain JavaScript may fill with anything. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** What is no duration counts as left out. */
export const durationOr = (
  input: Duration.DurationInput | undefined,
  otherwise: Duration.Duration
): Duration.Duration => Option.getOrElse(Duration.decodeUnknown(input), () => otherwise)
