/** Writes a job into a journal on disk, and takes it over with another owner. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteJournal } from "@effect-horde/sql"
import { DateTime, Effect } from "effect"
import { JobJournal } from "effect-horde"

const folder = mkdtempSync(join(tmpdir(), "effect-horde-journal-"))
const opened = Effect.provide(SqliteJournal.layer({ filename: join(folder, "journal.db") }))

const write = Effect.gen(function* () {
  const journal = yield* JobJournal.JobJournal
  const now = yield* DateTime.now
  const entry = new JobJournal.Entry({
    version: 1,
    key: JobJournal.EntryKey.make("a"),
    state: "live",
    job: "image",
    expected: 1,
    submittedAt: now,
    changedAt: now,
    account: { kind: "anonymous", fingerprint: "" },
    request: { fields: [], fingerprint: "", promptFingerprint: "" }
  })
  yield* journal.write(entry)
})

try {
  await Effect.runPromise(opened(write))
  const { entries } = await Effect.runPromise(opened(Effect.flatMap(JobJournal.JobJournal, ({ takeOver }) => takeOver)))
  if (entries.length !== 1 || entries[0].key !== "a") throw new Error("the job was not taken over")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
