/**
 * The initial state of an embedded horde, from its options; built-in workers are added later.
 */
import * as Accounts from "../../Accounts.js"
import * as Account from "./account.js"
import type { Options } from "./options.js"
import { World } from "./world.js"

/** The accounts that a server with these options starts with. */
export const accountsOf = (options: Options): ReadonlyArray<Accounts.Account> => [
  Accounts.anonymous,
  ...(options.accounts ?? Accounts.defaults)
]

export const createWorld = (options: Options, origin: string, now: number): World => {
  const world = new World(
    {
      seed: options.seed,
      version: (options.exposesRequests ?? true) ? "newer" : "5.1.5",
      raisedLimits: options.limits === "raised",
      corruptPrompt: options.corruptPrompt ?? (() => false)
    },
    { maintenance: options.maintenance ?? false, inviteOnly: false, raid: false },
    origin,
    now
  )
  for (const account of accountsOf(options)) world.users.set(account.apiKey, Account.start(account, now))
  return world
}
