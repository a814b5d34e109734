/**
 * The details of an account as replies show them, cached for 30 seconds.
 */
import * as Account from "./account.js"
import { rfc822 } from "./rfc822.js"
import { fullName } from "./style.js"
import type { World } from "./world.js"

type Details = Readonly<Record<string, unknown>>

/** The permissions on an account: everybody's, its owner's, or a moderator's. */
export type View = "public" | "own" | "moderator"

const cachedFor = 30_000

/** The two routes have separate caches: by the API key of the request, and by account and permissions. */
const keyFor = (apiKey: string): string => `key ${apiKey}`
const idFor = (user: Account.User, view: View): string => `id ${user.account.id} ${view}`

/** Drops the cached details of an account. The real server does so after few changes. */
export const invalidate = (world: World, user: Account.User): void => {
  world.details.delete(keyFor(user.account.apiKey))
  for (const view of ["public", "own", "moderator"] as const) world.details.delete(idFor(user, view))
}

const cents = (amount: number): number => Math.round(amount * 100) / 100

/**
 * The account's image and text jobs that the server has not forgotten, cancelled ones included; never those of the
 * anonymous account.
 */
const activeJobs = (world: World, user: Account.User): Details => {
  if (Account.isAnonymous(user)) return {}
  const active: Record<string, Array<string>> = {}
  for (const { id, kind, owner } of world.live) {
    if (owner !== user || kind === "alchemy") continue
    active[kind] ??= []
    active[kind].push(id)
  }
  return Object.keys(active).length === 0 ? {} : { active_generations: active }
}

const kudosDetails = ({ flows }: Account.User): Details => ({
  accumulated: cents(flows.accumulated),
  gifted: cents(flows.gifted),
  donated: 0,
  admin: cents(flows.admin),
  received: cents(flows.received),
  recurring: cents(flows.recurring),
  awarded: cents(flows.awarded),
  styled: cents(flows.styled)
})

const monthlyDetails = ({ monthly: { amount, lastReceived } }: Account.User): Details => ({
  amount,
  ...(lastReceived === undefined ? {} : { last_received: rfc822(lastReceived) })
})

/** The styles of an account; everybody sees the public ones only. */
const styles = (world: World, user: Account.User, own: boolean): ReadonlyArray<Details> =>
  [...world.styles.values()]
    .filter(({ content, owner }) => owner === user && (own || content.isPublic))
    .map((style) => ({ name: fullName(style), id: style.id, type: style.type }))

const records = ({ records: { alchemy, image, text } }: Account.User): Details => ({
  usage: { megapixelsteps: cents(image.used), tokens: text.used },
  contribution: { megapixelsteps: cents(image.contributed), tokens: text.contributed },
  fulfillment: { image: image.fulfilled, text: text.fulfilled, interrogation: alchemy.fulfilled },
  request: { image: image.requests, text: text.requests, interrogation: alchemy.requests },
  style: { image: image.styled, text: text.styled, interrogation: 0 }
})

/** Like everywhere in replies, a field that is undefined is left out. */
const details = (world: World, user: Account.User, view: View): Details => {
  const { account, roles } = user
  const own = view !== "public"
  const all = view === "moderator"
  const workers = world.workers.filter((worker) => worker.owner === user).map((worker) => worker.id)
  const sharedKeys = [...world.sharedKeys.values()].filter((key) => key.owner === user).map((key) => key.id)
  return {
    username: user.username,
    id: account.id,
    kudos: cents(user.kudos),
    ...(all ? { evaluating_kudos: cents(user.held) } : {}),
    concurrency: user.concurrency,
    worker_invited: user.workerInvited,
    moderator: Account.isModerator(user),
    kudos_details: kudosDetails(user),
    worker_count: workers.length,
    ...(own || user.publicWorkers ? { worker_ids: workers } : {}),
    styles: styles(world, user, own),
    ...(own ? { sharedkey_ids: sharedKeys, ...activeJobs(world, user) } : {}),
    ...(all ? { monthly_kudos: monthlyDetails(user) } : {}),
    trusted: Account.isTrusted(user),
    flagged: roles.has("flagged"),
    ...(own ? { vpn: roles.has("vpn") } : {}),
    service: roles.has("service"),
    education: roles.has("education"),
    customizer: roles.has("customizer"),
    ...(own ? { special: roles.has("special") } : {}),
    deleted: user.deleted,
    ...(all ? { suspicious: user.suspicion } : {}),
    pseudonymous: false,
    ...(own ? { contact: user.contact } : {}),
    ...(all ? { admin_comment: user.adminComment, proxy_passkey: user.proxyPasskey } : {}),
    account_age: Math.floor((world.now - world.startedAt) / 1000),
    usage: { megapixelsteps: null, requests: null },
    contributions: { megapixelsteps: null, fulfillments: null },
    records: records(user)
  }
}

const cached = (world: World, key: string, make: () => Details): Details =>
  world.details.getOrMake(key, world.now, cachedFor, make)

/**
 * The account behind an API key; `otherwise` refuses an unknown one. A shared key shows the public details of its
 * owner, under a username that names the key.
 */
export const byApiKey = (world: World, apiKey: string, otherwise: () => never): Details =>
  cached(world, keyFor(apiKey), () => {
    const user = world.findUser(apiKey)
    if (user !== undefined) return details(world, user, "own")
    const key = world.findSharedKey(apiKey) ?? otherwise()
    const suffix = key.name === undefined ? "(Shared Key)" : `(Shared Key: ${key.name})`
    return { ...details(world, key.owner, "public"), username: `${key.owner.username} ${suffix}` }
  })

const nulls = {
  evaluating_kudos: null,
  worker_ids: null,
  sharedkey_ids: null,
  active_generations: {},
  monthly_kudos: {},
  vpn: null,
  special: null,
  suspicious: null,
  contact: null,
  admin_comment: null,
  proxy_passkey: null
}

/** The public details of an account with `null` for each field that only others may see, as lists show them. */
export const listed = (world: World, user: Account.User): Details => ({ ...nulls, ...details(world, user, "public") })

/** The details of an account that a caller with these permissions may see. */
export const byAccount = (world: World, user: Account.User, view: View): Details =>
  cached(world, idFor(user, view), () => details(world, user, view))
