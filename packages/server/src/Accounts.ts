/**
 * The accounts that an embedded horde starts with. They exist in memory only: for development and tests.
 *
 * @since 0.1.0
 */

/**
 * An account of the embedded horde.
 *
 * @since 0.1.0
 * @category models
 */
export interface Account {
  /** The name of the account in tests and in the server's own record. */
  readonly role: string
  /** The value of the `apikey` header. */
  readonly apiKey: string
  /** The number after the alias, as in `owner#1`. */
  readonly id: number
  /** The name before the number. */
  readonly alias: string
  /** The initial balance in kudos. */
  readonly kudos: number
  /** Whether it is trusted: it may have 10 shared keys, and its submits raise the rate limits of their IP address. */
  readonly trusted?: boolean
  /** Whether it may change balances, appoint moderators, and switch the maintenance mode of the horde. */
  readonly admin?: boolean
  /** Whether it has the permissions of a moderator; a moderator is also trusted. */
  readonly moderator?: boolean
  /** Whether it is flagged: it cannot transfer kudos, and its workers get no jobs. */
  readonly flagged?: boolean
  /** Whether it is a service: it may submit jobs for accounts and IP addresses of its own users. */
  readonly service?: boolean
  /** Whether it is an education account: it may have 1000 shared keys and 200 waiting pictures or texts. */
  readonly education?: boolean
  /** Whether its workers may offer models that the horde does not know. */
  readonly customizer?: boolean
  /** The maximum number of waiting pictures, and of waiting texts; 30 by default. */
  readonly concurrency?: number
}

/**
 * The API key of the anonymous account, for callers without an account.
 *
 * @since 0.1.0
 * @category keys
 */
export const anonymousKey = "0000000000"

/**
 * The API key of `owner#1`: admin, moderator, trusted, 10,000 kudos.
 *
 * @since 0.1.0
 * @category keys
 */
export const ownerKey = "embeddedOwner_aaaaaa01"

/**
 * The API key of `plain#2`: an ordinary user with 500 kudos.
 *
 * @since 0.1.0
 * @category keys
 */
export const plainKey = "embeddedPlain_bbbbbb02"

/**
 * The API key of `worker#3`, the owner of the built-in workers.
 *
 * @since 0.1.0
 * @category keys
 */
export const workerKey = "embeddedWorker_cccc_03"

/**
 * The API key of `worker2#4`, another account for workers.
 *
 * @since 0.1.0
 * @category keys
 */
export const worker2Key = "embeddedWorker2_ddd_04"

/**
 * The anonymous account with {@link anonymousKey}. Every server has it.
 *
 * @since 0.1.0
 * @category accounts
 */
export const anonymous: Account = {
  role: "anonymous",
  apiKey: anonymousKey,
  id: 0,
  alias: "Anonymous",
  kudos: 0,
  concurrency: 500
}

/**
 * The default accounts of a server.
 *
 * @since 0.1.0
 * @category accounts
 */
export const defaults: ReadonlyArray<Account> = [
  {
    role: "owner",
    apiKey: ownerKey,
    id: 1,
    alias: "owner",
    kudos: 10_000,
    trusted: true,
    moderator: true,
    admin: true
  },
  { role: "plain", apiKey: plainKey, id: 2, alias: "plain", kudos: 500 },
  { role: "worker", apiKey: workerKey, id: 3, alias: "worker", kudos: 0 },
  { role: "worker2", apiKey: worker2Key, id: 4, alias: "worker2", kudos: 0 }
]
