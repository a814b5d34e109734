/**
 * Changes of accounts by admins, by moderators and by the account itself.
 */
import * as Users from "effect-horde/Users"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { bool, check, integer, number, text, wholeNumber } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import * as AccountDetails from "../state/accountDetails.js"
import { modifyMonthlyKudos } from "../state/monthlyKudos.js"
import { refuse, refuseNul } from "../state/refusal.js"
import type { World } from "../state/world.js"
import { callerOf, checkAdmin, checkModerator, checkOwnerOrModerator } from "./callers.js"
import { userInPath } from "./users.js"

type RoleChanges = { readonly [Role in (typeof Account.roles)[number]]?: boolean }

interface Changes extends RoleChanges {
  readonly kudos?: number
  readonly monthly_kudos?: number
  readonly usage_multiplier?: number
  readonly moderator?: boolean
  readonly concurrency?: number
  readonly worker_invited?: number
  readonly reset_suspicion?: boolean
  readonly admin_comment?: string
  readonly public_workers?: boolean
  readonly username?: string
  readonly contact?: string
  readonly generate_proxy_passkey?: boolean
  readonly undelete?: boolean
}

const checkChanges = check<Changes>({
  type: "object",
  properties: {
    ...Object.fromEntries([...Account.roles, "moderator"].map((role) => [role, bool])),
    kudos: { type: "number" },
    monthly_kudos: wholeNumber,
    usage_multiplier: number(0.1, 10),
    concurrency: integer(0, 500),
    worker_invited: wholeNumber,
    reset_suspicion: bool,
    admin_comment: text(5, 500),
    public_workers: bool,
    username: text(3, 100),
    contact: text(5, 500),
    generate_proxy_passkey: bool,
    undelete: bool,
    filtered: bool
  }
})

/** A change of an account: who requests it, and the fields of the reply so far. */
interface Change {
  readonly world: World
  readonly caller: Account.User
  readonly user: Account.User
  readonly changes: Changes
  readonly changed: Map<string, unknown>
}

const applyAdminChanges = ({ caller, changed, changes, user, world }: Change): void => {
  const { kudos, moderator, monthly_kudos, usage_multiplier } = changes
  if ([kudos, moderator, monthly_kudos, usage_multiplier].every((value) => value === undefined)) return
  checkAdmin(caller)
  if (kudos !== undefined) {
    Account.mint(user, Math.trunc(kudos), "admin")
    changed.set("new_kudos", user.kudos)
  }
  if (monthly_kudos !== undefined) {
    modifyMonthlyKudos(world, user, monthly_kudos)
    changed.set("monthly_kudos", user.monthly.amount)
  }
  if (usage_multiplier !== undefined) {
    user.usageMultiplier = usage_multiplier
    changed.set("usage_multiplier", usage_multiplier)
  }
  if (moderator !== undefined) {
    Account.setRole(user, "moderator", moderator)
    changed.set("moderator", moderator)
  }
}

/** The education role brings a higher limit with it, unless the request sets the limit itself. */
const adjustConcurrency = ({ changed, changes: { concurrency, education }, user }: Change): void => {
  const { educationConcurrency, usualConcurrency } = Account
  if (education === undefined || concurrency !== undefined) return
  if (education ? user.concurrency >= educationConcurrency : user.concurrency !== educationConcurrency) return
  user.concurrency = education ? educationConcurrency : usualConcurrency
  changed.set("concurrency", user.concurrency)
}

const applyModeratorChanges = (change: Change): void => {
  const { caller, changed, changes, user } = change
  const { admin_comment, concurrency, reset_suspicion, worker_invited } = changes
  const roles = Account.roles.filter((role) => changes[role] !== undefined)
  const others = [admin_comment, concurrency, reset_suspicion, worker_invited]
  if (roles.length === 0 && others.every((value) => value === undefined)) return
  checkModerator(caller)
  if (concurrency !== undefined) {
    user.concurrency = concurrency
    changed.set("concurrency", concurrency)
  }
  if (worker_invited !== undefined) {
    user.workerInvited = worker_invited
    changed.set("worker_invited", worker_invited)
  }
  for (const role of roles) {
    Account.setRole(user, role, changes[role] === true)
    changed.set(role, changes[role])
  }
  if (changes.trusted === true) Account.releaseHeld(user)
  adjustConcurrency(change)
  if (reset_suspicion !== undefined) {
    user.suspicion = 0
    changed.set("new_suspicion", 0)
  }
  if (admin_comment !== undefined) {
    user.adminComment = admin_comment
    changed.set("admin_comment", admin_comment)
  }
}

/** The longest alias; the schema allows more. */
const maxAlias = 30

const rename = (user: Account.User, alias: string): string => {
  if (Python.length(alias) > maxAlias) {
    refuse(400, "TooLongUserName", `A username may have at most ${maxAlias} characters`)
  }
  user.username = `${alias}#${user.account.id}`
  return alias
}

/** Only a service can have a passkey. A new one replaces the previous one. */
const generatePasskey = (world: World, caller: Account.User, user: Account.User): string => {
  if (!caller.roles.has("service")) refuse(403, "NonServiceForbidden", "Only service accounts have a passkey")
  const passkey = world.uuid().replaceAll("-", "").slice(0, 16)
  user.proxyPasskey = passkey
  return passkey
}

const restore = (user: Account.User): void => {
  if (!user.deleted) refuse(400, "UserNotDeleted", "This account is not deleted")
  user.deleted = false
}

const applyOwnChanges = ({ caller, changed, changes, user, world }: Change): void => {
  const { contact, generate_proxy_passkey, public_workers, undelete, username } = changes
  const isRequested = generate_proxy_passkey === true || undelete === true
  if (!isRequested && [contact, public_workers, username].every((value) => value === undefined)) return
  checkOwnerOrModerator(caller, user, "NotModerator")
  if (Account.isAnonymous(caller)) refuse(403, "AnonForbiddenUserMod", "The anonymous account cannot change accounts")
  if (public_workers !== undefined) {
    user.publicWorkers = public_workers
    changed.set("public_workers", public_workers)
  }
  if (username !== undefined) changed.set("username", rename(user, username))
  if (contact !== undefined) {
    user.contact = contact
    changed.set("contact", contact)
  }
  if (generate_proxy_passkey === true) changed.set("proxy_passkey", generatePasskey(world, caller, user))
  if (undelete === true) {
    restore(user)
    changed.set("undeleted", true)
  }
}

/** Applies the changes in groups; like on the real server, those before a refused one remain. */
const modify = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const changes = validBody(incoming, checkChanges)
  const user = userInPath(context)
  const change: Change = { world, caller: callerOf(context), user, changes, changed: new Map() }
  refuseNul(changes)
  applyAdminChanges(change)
  applyModeratorChanges(change)
  applyOwnChanges(change)
  if (change.changed.size === 0) refuse(400, "NoUserModSelected", "The request contains no field to change")
  AccountDetails.invalidate(world, user)
  return maskedJson(incoming, 200, Object.fromEntries(change.changed))
}

/** How long a deleted account must have been idle until it can be wiped. */
const idleTime = 30 * 86_400_000

/** Removes an account with its shared keys, styles, collections, jobs and workers. */
const wipe = (world: World, user: Account.User): void => {
  world.users.delete(user.account.apiKey)
  for (const key of world.sharedKeys.values()) if (key.owner === user) world.sharedKeys.delete(key.id)
  for (const style of world.styles.values()) if (style.owner === user) world.styles.delete(style.id)
  for (const collection of world.collections.values()) {
    if (collection.owner === user) world.collections.delete(collection.id)
  }
  for (const job of world.live) if (job.owner === user) world.forget(job)
  for (const worker of world.workers) if (worker.owner === user) world.removeWorker(worker)
}

/** The first request marks the account as deleted; another one wipes it when it has been idle for long enough. */
const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const user = userInPath(context)
  const caller = callerOf(context)
  if (Account.isAnonymous(caller)) refuse(403, "AnonForbiddenUser", "The anonymous account cannot delete accounts")
  checkOwnerOrModerator(caller, user, "NotUserOrMod")
  if (Account.isModerator(user)) refuse(403, "CannotDeleteMod", "A moderator cannot be deleted")
  if (user.deleted) {
    if (user.lastActive + idleTime > world.now) {
      refuse(403, "CannotWipeActiveUser", "This account was active in the last 30 days")
    }
    wipe(world, user)
  }
  user.deleted = true
  AccountDetails.invalidate(world, user)
  return ok(incoming)
}

export const userControl: ReadonlyArray<Route> = [
  { endpoint: Users.Modify.declaration, handler: modify },
  { endpoint: Users.Delete.declaration, handler: remove }
]
