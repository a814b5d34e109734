/**
 * JSON bodies, parsed as the real server parses them.
 */
import * as Either from "effect/Either"
import * as Json from "../python/json.js"
import type { Check } from "../python/jsonSchema.js"
import { Refusal, refuseFields } from "../state/refusal.js"
import type { Incoming } from "./incoming.js"

const isJson = (incoming: Incoming): boolean => {
  const type = (incoming.headers["content-type"] ?? "").replace(/;.*/, "").trim().toLowerCase()
  return type === "application/json" || (type.startsWith("application/") && type.endsWith("+json"))
}

/** The parsed body; undefined if the content type is not JSON or the body is malformed. */
export const jsonBody = (incoming: Incoming): Json.Json | undefined => {
  if (!isJson(incoming) || incoming.body === undefined) return undefined
  try {
    return Json.parse(incoming.body)
  } catch (error) {
    if (error instanceof Json.TooDeep) throw new Refusal(400, { message: "The JSON body is nested too deeply" })
    return undefined
  }
}

/** The body, validated by a JSON schema. Routes with a schema check it before anything else. */
export const validBody = <A>(incoming: Incoming, check: Check<A>): A => {
  const body = jsonBody(incoming)
  if (body === undefined) throw new Refusal(400, { message: "This request has no readable JSON body" })
  return Either.getOrElse(check(body), refuseFields)
}
