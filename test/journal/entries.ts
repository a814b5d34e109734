/** Entries for tests of journals. */
import { DateTime, type Duration, Effect, Redacted } from "effect"
import * as JobJournal from "effect-horde/JobJournal"

export interface EntryOptions {
  readonly key: string
  readonly state?: JobJournal.State
  readonly id?: string
  /** The time since its last change. */
  readonly age?: Duration.DurationInput
}

export const entry = ({ age = 0, id, key, state = "intent" }: EntryOptions): Effect.Effect<JobJournal.Entry> =>
  Effect.map(DateTime.now, (now) => {
    const at = DateTime.subtractDuration(now, age)
    return new JobJournal.Entry({
      version: 1,
      key: JobJournal.EntryKey.make(key),
      state,
      job: "image",
      ...(id === undefined ? {} : { id: Redacted.make(id) }),
      expected: 2,
      submittedAt: at,
      changedAt: at,
      account: { kind: "personal", fingerprint: "0123456789abcdef" },
      request: { fields: ["prompt", "params"], fingerprint: "fedcba9876543210", promptFingerprint: "0011223344556677" }
    })
  })

/** The key and the state of each entry. */
export const describeEntries = (entries: ReadonlyArray<JobJournal.Entry>): ReadonlyArray<string> =>
  entries.map(({ key, state }) => `${key} ${state}`).sort()
