/** The options of a recovery, and its results. */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { EntryKey } from "../../JobJournal.js"
import type { JobKind } from "../../JobKind.js"
import type { Ticket } from "../jobs/ticket.js"

/**
 * What is done about the jobs of dead owners.
 *
 * - `resume`: they go on, and belong to the scope in which they were recovered. Open them with their tickets.
 * - `cancel`: they are cancelled; what had finished is left where it is.
 * - `leave`: they go on, and nothing is done about them.
 *
 * @since 0.1.0
 * @category recovery
 */
export type Policy = "resume" | "cancel" | "leave"

/**
 * @since 0.1.0
 * @category recovery
 */
export interface RecoverOptions<out R = never, out K = never> {
  /** The kinds of jobs that are recovered, such as `Horde.kinds`. Jobs of other kinds are left as they are. */
  readonly kinds: ReadonlyArray<JobKind<K>>
  readonly policy: Policy
  /**
   * Other keys under which jobs were started, besides the connection's own: a journal keeps no keys, so they have to be
   * shown again for lost answers to be looked for under them.
   */
  readonly apiKeys?: ReadonlyArray<Redacted.Redacted>
  /**
   * Whether nobody else uses these keys. Then a job of the right size that no journal knows is taken for a lost one even
   * where the server cannot tell what was asked for. `false` by default.
   */
  readonly keysAreOurs?: boolean
  /**
   * Runs as soon as something was recovered: first for the jobs whose ids are known, which are taken up at once, later
   * for those that a search for lost answers has found. It runs beside the recovery, in its scope, and what goes wrong in
   * it is logged. With the policy `resume` it is the place to open the jobs.
   */
  readonly onRecovered?: (recovered: Recovered) => Effect.Effect<void, never, R>
}

/**
 * A submit whose answer never came, and what was found out about it.
 *
 * - `found`: the account has this very request as a job; it was treated by the policy.
 * - `absent`: it has not, two and a half minutes after it was sent: the job was never started.
 * - `probable`: there are jobs that it may be, and this cannot be told for sure; nothing was done.
 * - `open`: nothing could be found out, for the `reason` that is given; the job may be running.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface LostAnswer {
  readonly key: EntryKey
  readonly outcome: "found" | "absent" | "probable" | "open"
  /** In words, such as `the anonymous account does not list its jobs`. */
  readonly reason: string
  /** The jobs that it is, or may be. */
  readonly candidates: ReadonlyArray<Ticket>
}

/**
 * What {@link recover} did. A job stands in one of the first four.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface Recovered {
  /** Jobs that are this program's now, finished ones included: `ImageGeneration.resume` opens them. */
  readonly resumed: ReadonlyArray<Ticket>
  readonly cancelled: ReadonlyArray<Ticket>
  readonly left: ReadonlyArray<Ticket>
  /** Jobs whose cancel failed. They stay in the journal, and are tried again. */
  readonly failed: ReadonlyArray<Ticket>
  /** Submits whose answers never came, of dead owners and of this program. */
  readonly lost: ReadonlyArray<LostAnswer>
  /** Records of a later version of this library, which were left alone. */
  readonly newer: number
  /** Records that could not be read: torn by a crash in the middle of a write, or damaged. */
  readonly unreadable: number
}
