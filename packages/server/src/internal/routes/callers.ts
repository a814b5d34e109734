/**
 * The accounts behind requests, and the permissions that routes require of them.
 */
import { requiredKey } from "../http/arguments.js"
import type { RouteContext } from "../http/route.js"
import * as Account from "../state/account.js"
import { internalError, refuse, refuseApiKey } from "../state/refusal.js"

/** The account of the required API key. Shared keys are refused. */
export const callerOf = ({ incoming, world }: RouteContext): Account.User =>
  world.findUser(requiredKey(incoming)) ?? refuseApiKey()

/** The account of an API key that may be absent; an empty one counts as absent. */
export const optionalCaller = ({ incoming, world }: RouteContext): Account.User | undefined => {
  const apiKey = incoming.headers["apikey"]
  return apiKey === undefined || apiKey === "" ? undefined : (world.findUser(apiKey) ?? refuseApiKey())
}

/** The account of an API key that is declared as optional: the real server fails if it is absent. */
export const undeclaredCaller = ({ incoming, world }: RouteContext): Account.User =>
  world.findUser(incoming.headers["apikey"] ?? internalError()) ?? refuseApiKey()

export const checkModerator = (caller: Account.User): void => {
  if (!Account.isModerator(caller)) refuse(403, "NotModerator", "Only a moderator may do this")
}

export const checkAdmin = (caller: Account.User): void => {
  if (!Account.isAdmin(caller)) refuse(403, "NotAdmin", "Only an admin of the horde may do this")
}

/** Only a moderator or the owner may do this. */
export const checkOwnerOrModerator = (caller: Account.User, owner: Account.User | undefined, rc: string): void => {
  if (caller !== owner && !Account.isModerator(caller)) {
    refuse(403, rc, "Only its owner or a moderator may do this")
  }
}

/** The account of a moderator. */
export const moderatorOf = (context: RouteContext): Account.User => {
  const caller = callerOf(context)
  checkModerator(caller)
  return caller
}
