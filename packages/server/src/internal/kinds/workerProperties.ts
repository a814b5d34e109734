/**
 * The properties of a worker's requests that every kind has, as JSON schemas.
 */
import { bool, integer, list, oneOf, string, text, wholeNumber } from "../python/jsonSchema.js"

export const popProperties = {
  name: string,
  priority_usernames: list(string),
  nsfw: bool,
  models: list(text(3, 255)),
  bridge_agent: text(0, 1000),
  threads: integer(1, 50),
  require_upfront_kudos: bool,
  amount: integer(1, 20),
  extra_slow_worker: bool,
  blacklist: list(string)
}

export const submitProperties = {
  id: string,
  generation: string,
  state: oneOf(["ok", "censored", "faulted", "csam"]),
  seed: wholeNumber
}
