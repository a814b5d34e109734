/**
 * The accounts that may change styles and collections.
 */
import * as Account from "../state/account.js"
import { refuse, refuseApiKey } from "../state/refusal.js"
import type { World } from "../state/world.js"

interface Owned {
  readonly owner: Account.User
}

export const userOf = (world: World, apiKey: string): Account.User => world.findUser(apiKey) ?? refuseApiKey()

export const refuseAnonymous = (user: Account.User): void => {
  if (Account.isAnonymous(user)) refuse(403, "StylesAnonForbidden", "The anonymous account cannot have styles")
}

const refuseOther = ({ owner }: Owned): never => refuse(403, "Forbidden", `This belongs to ${owner.username}`)

export const checkOwner = (owned: Owned, caller: Account.User): void => {
  if (caller !== owned.owner) refuseOther(owned)
}

export const checkOwnerOrModerator = (owned: Owned, caller: Account.User): void => {
  if (caller !== owned.owner && !Account.isModerator(caller)) refuseOther(owned)
}
