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
  /** What tests and the server's own record call this account. */
  readonly role: string
  /** What a client sends in the `apikey` header. */
  readonly apiKey: string
  /** The number behind the alias: `owner#1`. */
  readonly id: number
  /** The name before the number. */
  readonly alias: string
  /** The balance to start with. */
  readonly kudos: number
  /** May hold 10 shared keys, and raises the limits of the address it generates from. */
  readonly trusted?: boolean
  /** May see and change what only moderators may; trusted as well. */
  readonly moderator?: boolean
  /** May hold 1000 shared keys and 200 waiting pictures. */
  readonly education?: boolean
  /** Whether its workers may offer models that the horde does not know. */
  readonly customizer?: boolean
  /** How many pictures may wait at once; 30 unless told otherwise. */
  readonly concurrency?: number
}

/**
 * The key that everybody may use who has none of their own.
 *
 * @since 0.1.0
 * @category keys
 */
export const anonymousKey = "0000000000"

/**
 * The API key of `owner#1`: moderator, trusted, 10,000 kudos.
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
 * The API key of `worker#3`, who runs the built-in worker.
 *
 * @since 0.1.0
 * @category keys
 */
export const workerKey = "embeddedWorker_cccc_03"

/**
 * The API key of `worker2#4`, somebody else with a worker.
 *
 * @since 0.1.0
 * @category keys
 */
export const worker2Key = "embeddedWorker2_ddd_04"

/**
 * Nobody's account: always there, and the one behind {@link anonymousKey}.
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
 * The accounts of a server that was not given any.
 *
 * @since 0.1.0
 * @category accounts
 */
export const defaults: ReadonlyArray<Account> = [
  { role: "owner", apiKey: ownerKey, id: 1, alias: "owner", kudos: 10_000, trusted: true, moderator: true },
  { role: "plain", apiKey: plainKey, id: 2, alias: "plain", kudos: 500 },
  { role: "worker", apiKey: workerKey, id: 3, alias: "worker", kudos: 0 },
  { role: "worker2", apiKey: worker2Key, id: 4, alias: "worker2", kudos: 0 }
]
