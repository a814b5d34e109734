/** The options and results of a recovery. */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { EntryKey } from "../../JobJournal.js"
import type { JobKind } from "../../JobKind.js"
import type { Ticket } from "../jobs/ticket.js"

/**
 * How jobs of dead owners are handled.
 *
 * - `resume`: they continue, owned by the scope of the recovery. Open them with their tickets.
 * - `cancel`: unfinished jobs are cancelled; finished ones are not changed.
 * - `leave`: they continue without an owner.
 *
 * @since 0.1.0
 * @category recovery
 */
export type Policy = "resume" | "cancel" | "leave"

/**
 * @since 0.1.0
 * @category recovery
 */
export interface RecoverOptions<out R = never, out Ks extends ReadonlyArray<unknown> = readonly []> {
  /**
   * The kinds of jobs that are recovered, such as `Horde.kinds`. Jobs of other kinds are not changed. `Ks` lists the
   * services that each kind needs.
   */
  readonly kinds: { readonly [Index in keyof Ks]: JobKind<Ks[Index]> }
  readonly policy: Policy
  /**
   * Further API keys under which jobs were submitted, besides the connection's own. A journal stores only fingerprints,
   * so the search for unknown submits needs the keys themselves.
   */
  readonly apiKeys?: ReadonlyArray<Redacted.Redacted>
  /**
   * Whether only programs on this journal use these keys. Then a job of the right size that is in no journal matches an
   * unknown submit even if the server does not report the job's request. `false` by default.
   */
  readonly exclusiveKeys?: boolean
  /**
   * Runs after each step that recovered something: first for jobs with known ids, later for jobs that the search for
   * unknown submits found. It runs concurrently with the recovery, in its scope; its failures are logged. With the
   * policy `resume`, open the jobs here.
   */
  readonly onRecovered?: (recovered: Recovered) => Effect.Effect<void, never, R>
}

/**
 * A submit whose reply was lost, and the result of the search for its job.
 *
 * - `found`: the account has a job with exactly this request; the policy was applied to it.
 * - `absent`: the account has no such job two and a half minutes after the submit: it was never started.
 * - `probable`: `candidates` may be the job, but the match is not certain; nothing was done.
 * - `open`: the search was not possible, for the given `reason`; the job may be running.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface UnknownSubmit {
  readonly key: EntryKey
  readonly outcome: "found" | "absent" | "probable" | "open"
  /** A message such as `the anonymous account does not list its jobs`. */
  readonly reason: string
  /** The matching job, or the jobs that may match. */
  readonly candidates: ReadonlyArray<Ticket>
}

/**
 * The result of {@link recover}. Each job is in exactly one of the first four lists.
 *
 * @since 0.1.0
 * @category recovery
 */
export interface Recovered {
  /** Jobs that this process owns now, finished ones included: `ImageGeneration.resume` opens them. */
  readonly resumed: ReadonlyArray<Ticket>
  readonly cancelled: ReadonlyArray<Ticket>
  readonly left: ReadonlyArray<Ticket>
  /** Jobs whose cancel failed. They stay in the journal, and the next recovery retries. */
  readonly failed: ReadonlyArray<Ticket>
  /** Submits whose reply was lost, of dead owners and of this process. */
  readonly unknown: ReadonlyArray<UnknownSubmit>
  /** Records of a later version of this library, which were skipped. */
  readonly newer: number
  /** Records that could not be read: torn by a crash in the middle of a write, or damaged. */
  readonly unreadable: number
}
