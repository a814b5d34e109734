/**
 * The accounts that may have and change styles and collections.
 */
import * as Account from "../state/account.js"
import { refuse } from "../state/refusal.js"

export const refuseAnonymous = (user: Account.User): void => {
  if (Account.isAnonymous(user)) refuse(403, "StylesAnonForbidden", "The anonymous account cannot have styles")
}

export const refuseDeleted = (user: Account.User): void => {
  if (user.deleted) refuse(403, "DeletedUser", "This account is deleted")
}

/** Moderators cannot modify the styles and collections of others, only delete them. */
export const checkOwner = (caller: Account.User, owner: Account.User): void => {
  if (caller !== owner) refuse(403, "Forbidden", `This belongs to ${owner.username}`)
}
