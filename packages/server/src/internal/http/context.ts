/**
 * What a route's handler is given, and the questions that many of them ask.
 */

import * as PythonJson from "../python/json.js"
import * as Python from "../python/values.js"
import type { SharedKey, User, World } from "../state/world.js"
import { type Incoming, Refusal, refuse, refuseFields } from "./reply.js"

export interface RouteContext {
  readonly world: World
  readonly incoming: Incoming
  readonly params: Readonly<Record<string, string>>
  /** Filled in on the way, for the server's record. */
  requestId: string | undefined
}

/** The caller's key; a request without the header is a mistake in the arguments, not an unknown caller. */
export const requiredKey = (context: RouteContext): string =>
  context.incoming.headers["apikey"] ??
  refuseFields({ apikey: "An API key must be given: required parameter missing in the HTTP headers" })

export const userOf = (world: World, apiKey: string): User | undefined => world.users.get(apiKey)

export const unknownCaller = (): never => refuse(401, "InvalidAPIKey", "There is no user with this API key")

/** The shared key with this id, in whatever form it was sent: as an API key, in a path, or as the name of an account. */
export const sharedKeyOf = (world: World, id: string): SharedKey | undefined =>
  world.sharedKeys.get(Python.uuid(id) ?? "")

const isJson = (incoming: Incoming): boolean => {
  const type = (incoming.headers["content-type"] ?? "").replace(/;.*/, "").trim().toLowerCase()
  return type === "application/json" || (type.startsWith("application/") && type.endsWith("+json"))
}

/** The body as JSON, if it says that it is and is. */
export const jsonBody = (incoming: Incoming): PythonJson.Json | undefined => {
  if (!isJson(incoming) || incoming.body === undefined) return undefined
  try {
    return PythonJson.parse(incoming.body)
  } catch (error) {
    if (error instanceof PythonJson.TooDeep) throw new Refusal(400, { message: "The JSON body is nested too deeply" })
    return undefined
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const two = (value: number): string => String(value).padStart(2, "0")

/** A date as the server writes it: RFC 822 with the zone `-0000`. */
export const rfc822 = (millis: number): string => {
  const date = new Date(millis)
  const day = `${weekdays[date.getUTCDay()]}, ${two(date.getUTCDate())} ${months[date.getUTCMonth()]}`
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":")
  return `${day} ${String(date.getUTCFullYear()).padStart(4, "0")} ${time} -0000`
}
