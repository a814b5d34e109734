/**
 * Accounts: by the API key of the request, by their number, and as a list.
 */
import * as Users from "effect-horde/Users"
import { maskedJson } from "../http/fieldMask.js"
import { queryText, queryWhole } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Python from "../python/values.js"
import { isModerator, type User } from "../state/account.js"
import * as AccountDetails from "../state/accountDetails.js"
import { refuse } from "../state/refusal.js"
import type { World } from "../state/world.js"
import { optionalCaller } from "./callers.js"

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

/** The account with the number in the path. */
export const userInPath = ({ params, world }: RouteContext): User => {
  const id = params["id"] ?? ""
  return withId(world, id) ?? refuse(404, "UserNotFound", `There is no user with the number '${id}'`)
}

const viewOf = (user: User, caller: User | undefined): AccountDetails.View => {
  if (caller !== undefined && isModerator(caller)) return "moderator"
  return caller === user ? "own" : "public"
}

const get = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const caller = optionalCaller(context)
  const user = userInPath(context)
  return maskedJson(incoming, 200, AccountDetails.byAccount(world, user, viewOf(user, caller)))
}

const pageSize = 25

const lastPage = 10_000

/** The richest accounts first or, sorted by age, the oldest. The public details of each, with `null` for the others. */
const list = ({ incoming, world }: RouteContext): Answer => {
  const page = queryWhole(incoming, "page") ?? 1
  const byAge = queryText(incoming, "sort") === "age"
  const users = [...world.users.values()].sort((a, b) =>
    byAge ? a.account.id - b.account.id : b.kudos - a.kudos || a.account.id - b.account.id
  )
  const first = (Math.max(1, page) - 1) * pageSize
  const shown = page > lastPage ? [] : users.slice(first, first + pageSize)
  return maskedJson(
    incoming,
    200,
    shown.map((user) => AccountDetails.listed(world, user))
  )
}

export const users: ReadonlyArray<Route> = [
  { endpoint: Users.Find.declaration, handler: find },
  {
    endpoint: Users.List.declaration,
    handler: list,
    cachedFor: "10 seconds",
    cachedBy: "query"
  },
  { endpoint: Users.Get.declaration, handler: get }
]
