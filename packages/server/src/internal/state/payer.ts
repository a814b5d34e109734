/**
 * The account that pays for a job.
 */
import type { User } from "./account.js"
import type { Types } from "./kind.js"
import type { SharedKey } from "./sharedKey.js"
import type { Style } from "./style.js"

export interface Payer {
  readonly user: User
  readonly sharedKey: SharedKey | undefined
  /** Whether the job gets a lower priority because the kudos do not cover it. */
  readonly downgraded: boolean
}

/** A request, possibly made smaller, and the account that pays for it. */
export interface Paid<T extends Types> extends Payer {
  readonly request: T["request"]
  /** The request without its style. */
  readonly received: T["request"]
  readonly style: Style | undefined
}
