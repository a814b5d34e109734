/**
 * `GET /v2/find_user` and `GET /v2/users/{id}`: whose key this is, and what an account has and did.
 */

import { type RouteContext, sharedKeyOf, unknownCaller, userOf } from "../http/context.js"
import * as Mask from "../http/fieldMask.js"
import { type Answer, json, refuse } from "../http/reply.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { User, World } from "../state/world.js"

type Details = Readonly<Record<string, unknown>>

/** What everybody may see, or what the account's owner may, or what moderators may. */
type View = "public" | "own" | "moderator"

const remembered = 30_000

/** The two routes remember for themselves: one by the key that asked, the other by the account and the view. */
const byKey = (apiKey: string): string => `key ${apiKey}`
const byId = (user: User, view: View): string => `id ${user.account.id} ${view}`

/** The next to ask sees the account as it is. Few things are thought worth it. */
export const refresh = (world: World, user: User): void => {
  world.details.delete(byKey(user.account.apiKey))
  for (const view of ["public", "own", "moderator"] as const) world.details.delete(byId(user, view))
}

const cents = (amount: number): number => Math.round(amount * 100) / 100

/** The account's jobs until they are forgotten, cancelled or not; those of the anonymous account are nobody's. */
const active = (world: World, user: User): Details => {
  if (Account.isAnonymous(user)) return {}
  const image = [...world.live.values()].filter((job) => job.owner === user).map((job) => job.id)
  return image.length === 0 ? {} : { active_generations: { image } }
}

const kudosDetails = ({ flows }: User): Details => ({
  accumulated: cents(flows.accumulated),
  gifted: cents(flows.gifted),
  donated: 0,
  admin: 0,
  received: cents(flows.received),
  recurring: 0,
  awarded: 0,
  styled: 0
})

const images = (image: number): Details => ({ image, text: 0, interrogation: 0 })

const records = ({ records }: User): Details => ({
  usage: { megapixelsteps: cents(records.used), tokens: 0 },
  contribution: { megapixelsteps: cents(records.contributed), tokens: 0 },
  fulfillment: images(records.fulfilled),
  request: images(records.requests),
  style: images(0)
})

const details = (world: World, user: User, view: View): Details => {
  const { account } = user
  const own = view !== "public"
  const all = view === "moderator"
  const workers = world.workers.filter((worker) => worker.owner === user).map((worker) => worker.id)
  const sharedKeys = [...world.sharedKeys.values()].filter((key) => key.owner === user).map((key) => key.id)
  return {
    username: user.username,
    id: account.id,
    kudos: cents(user.kudos),
    ...(all ? { evaluating_kudos: cents(user.held) } : {}),
    concurrency: Account.concurrency(user),
    worker_invited: 0,
    moderator: account.moderator === true,
    kudos_details: kudosDetails(user),
    worker_count: workers.length,
    // The anonymous account shows its workers, of which it has none, to everybody.
    ...(own || Account.isAnonymous(user) ? { worker_ids: workers } : {}),
    styles: [],
    ...(own ? { sharedkey_ids: sharedKeys, ...active(world, user) } : {}),
    ...(all ? { monthly_kudos: { amount: 0 } } : {}),
    trusted: Account.isTrusted(user),
    flagged: false,
    ...(own ? { vpn: false } : {}),
    service: false,
    education: account.education === true,
    customizer: account.customizer === true,
    ...(own ? { special: false } : {}),
    deleted: false,
    ...(all ? { suspicious: 0 } : {}),
    pseudonymous: false,
    account_age: Math.floor((world.now - world.startedAt) / 1000),
    usage: { megapixelsteps: null, requests: null },
    contributions: { megapixelsteps: null, fulfillments: null },
    records: records(user)
  }
}

const recall = (world: World, key: string, make: () => Details): Details => {
  const known = world.details.get(key, world.now)
  if (known !== undefined) return known
  const fresh = make()
  world.details.set(key, fresh, world.now + remembered)
  return fresh
}

const nobody = (apiKey: string): never =>
  // The real server quotes what it was sent, secret or not, and clients have to cope with it.
  refuse(404, "UserNotFound", `There is no user with the API key '${apiKey}'`)

/** Who shows a shared key sees its owner as everybody does, under a name that tells the key. */
const behind = (world: World, apiKey: string): Details => {
  const user = userOf(world, apiKey)
  if (user !== undefined) return details(world, user, "own")
  const key = sharedKeyOf(world, apiKey) ?? nobody(apiKey)
  const suffix = key.name === undefined ? "(Shared Key)" : `(Shared Key: ${key.name})`
  return { ...details(world, key.owner, "public"), username: `${key.owner.username} ${suffix}` }
}

export const find = ({ incoming, world }: RouteContext): Answer => {
  const apiKey = incoming.headers["apikey"] || refuse(401, "InvalidAPIKey", "There is no user without an API key")
  const found = recall(world, byKey(apiKey), () => behind(world, apiKey))
  return json(200, Mask.apply(incoming.headers["x-fields"], found))
}

const withId = (world: World, id: string): User | undefined => {
  const number = Python.isDigits(id) ? Python.int(id) : undefined
  return number === undefined ? undefined : [...world.users.values()].find(({ account }) => account.id === number)
}

/** An empty API key counts as none; a shared key is an unknown one here. */
const callerOf = (world: World, apiKey: string | undefined): User | undefined =>
  apiKey === undefined || apiKey === "" ? undefined : (userOf(world, apiKey) ?? unknownCaller())

const viewOf = (user: User, caller: User | undefined): View => {
  if (caller?.account.moderator === true) return "moderator"
  return caller === user ? "own" : "public"
}

export const get = ({ incoming, params, world }: RouteContext): Answer => {
  const id = params["id"] ?? ""
  const caller = callerOf(world, incoming.headers["apikey"])
  const user = withId(world, id) ?? refuse(404, "UserNotFound", `There is no user with the number '${id}'`)
  const view = viewOf(user, caller)
  const found = recall(world, byId(user, view), () => details(world, user, view))
  return json(200, Mask.apply(incoming.headers["x-fields"], found))
}
