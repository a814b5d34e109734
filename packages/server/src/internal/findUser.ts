/**
 * `GET /v2/find_user`: whose key this is, and what that account has and did.
 */
import * as Account from "./account.js"
import { type RouteContext, sharedKeyOf, userOf } from "./context.js"
import * as Mask from "./mask.js"
import { type Answer, json, refuse } from "./reply.js"
import type { User, World } from "./world.js"

type Details = Readonly<Record<string, unknown>>

/** What everybody may see, or what the account's owner may. */
type View = "public" | "own"

const remembered = 30_000

const cacheKey = (user: User, view: View): string => `${user.account.id} ${view}`

/** The next to ask sees the account as it is. Few things are thought worth it. */
export const refresh = (world: World, user: User): void => {
  for (const view of ["public", "own"] as const) world.details.delete(cacheKey(user, view))
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
  const own = view === "own"
  const workers = world.workers.filter((worker) => worker.owner === user).map((worker) => worker.id)
  const sharedKeys = [...world.sharedKeys.values()].filter((key) => key.owner === user).map((key) => key.id)
  return {
    username: user.username,
    id: account.id,
    kudos: cents(user.kudos),
    concurrency: Account.concurrency(user),
    worker_invited: 0,
    moderator: account.moderator === true,
    kudos_details: kudosDetails(user),
    worker_count: workers.length,
    ...(own ? { worker_ids: workers } : {}),
    styles: [],
    ...(own ? { sharedkey_ids: sharedKeys, ...active(world, user) } : {}),
    trusted: Account.isTrusted(user),
    flagged: false,
    ...(own ? { vpn: false } : {}),
    service: false,
    education: account.education === true,
    customizer: false,
    ...(own ? { special: false } : {}),
    deleted: false,
    pseudonymous: false,
    account_age: Math.floor((world.now - world.startedAt) / 1000),
    usage: { megapixelsteps: null, requests: null },
    contributions: { megapixelsteps: null, fulfillments: null },
    records: records(user)
  }
}

const rememberedDetails = (world: World, user: User, view: View): Details => {
  const key = cacheKey(user, view)
  const known = world.details.get(key, world.now)
  if (known !== undefined) return known
  const fresh = details(world, user, view)
  world.details.set(key, fresh, world.now + remembered)
  return fresh
}

const nobody = (apiKey: string): never =>
  // The real server quotes what it was sent, secret or not, and clients have to cope with it.
  refuse(404, "UserNotFound", `There is no user with the API key '${apiKey}'`)

/** Who shows a shared key sees its owner as everybody does, under a name that tells the key. */
export const findUser = ({ incoming, world }: RouteContext): Answer => {
  const apiKey = incoming.headers["apikey"] ?? refuse(401, "InvalidAPIKey", "There is no user without an API key")
  const mask = incoming.headers["x-fields"]
  const user = userOf(world, apiKey)
  if (user !== undefined) return json(200, Mask.apply(mask, rememberedDetails(world, user, "own")))
  const key = sharedKeyOf(world, apiKey) ?? nobody(apiKey)
  const suffix = key.name === undefined ? "(Shared Key)" : `(Shared Key: ${key.name})`
  const owner = rememberedDetails(world, key.owner, "public")
  return json(200, Mask.apply(mask, { ...owner, username: `${key.owner.username} ${suffix}` }))
}
