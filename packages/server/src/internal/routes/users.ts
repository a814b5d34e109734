/**
 * Accounts: by the API key of the request, or by their number.
 */
import * as Users from "effect-horde/Users"
import { maskedJson } from "../http/fieldMask.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Python from "../python/values.js"
import { isModerator, type User } from "../state/account.js"
import * as AccountDetails from "../state/accountDetails.js"
import { refuse, refuseApiKey } from "../state/refusal.js"
import type { World } from "../state/world.js"

const find = ({ incoming, world }: RouteContext): Answer => {
  const apiKey = incoming.headers["apikey"] || refuse(401, "InvalidAPIKey", "There is no user without an API key")
  const details = AccountDetails.byApiKey(world, apiKey, () =>
    // Like the real server, it returns the unknown key in the message, even if it is a secret; clients have to mask it.
    refuse(404, "UserNotFound", `There is no user with the API key '${apiKey}'`)
  )
  return maskedJson(incoming, 200, details)
}

const withId = (world: World, id: string): User | undefined => {
  const number = Python.isDigits(id) ? Python.int(id) : undefined
  return number === undefined ? undefined : [...world.users.values()].find(({ account }) => account.id === number)
}

/** An empty API key counts as absent. Shared keys are refused. */
const callerOf = (world: World, apiKey: string | undefined): User | undefined =>
  apiKey === undefined || apiKey === "" ? undefined : (world.findUser(apiKey) ?? refuseApiKey())

const viewOf = (user: User, caller: User | undefined): AccountDetails.View => {
  if (caller !== undefined && isModerator(caller)) return "moderator"
  return caller === user ? "own" : "public"
}

const get = ({ incoming, params, world }: RouteContext): Answer => {
  const id = params["id"] ?? ""
  const caller = callerOf(world, incoming.headers["apikey"])
  const user = withId(world, id) ?? refuse(404, "UserNotFound", `There is no user with the number '${id}'`)
  return maskedJson(incoming, 200, AccountDetails.byAccount(world, user, viewOf(user, caller)))
}

export const users: ReadonlyArray<Route> = [
  { endpoint: Users.Find.declaration, handler: find },
  { endpoint: Users.Get.declaration, handler: get }
]
