/** The journal in memory: it has one owner, and drops old entries. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import { describeEntries, entry } from "./entries.js"

const write = (journal: JobJournal.Service, key: string, state: JobJournal.State) =>
  Effect.flatMap(entry({ key, state }), journal.write)

describe("the journal in memory", () => {
  it.effect("the journal in memory has each entry as last written, and one owner", () =>
    Effect.gen(function* () {
      const journal = yield* JobJournal.makeMemory
      for (const state of ["intent", "live", "finished", "delivered"] as const) {
        yield* write(journal, "a", state)
        yield* write(journal, "b", "intent")
        assert.deepStrictEqual(describeEntries(yield* journal.entries), [`a ${state}`, "b intent"])
      }
      assert.isTrue(yield* journal.holds(JobJournal.EntryKey.make("a")))
      assert.deepStrictEqual(yield* journal.takeOver, { entries: [], newer: 0, unreadable: 0 })
      assert.deepStrictEqual(describeEntries(yield* (yield* JobJournal.makeMemory).entries), [])
    })
  )

  it.effect("the journal in memory does not grow with finished jobs, even if an older one is open", () =>
    Effect.gen(function* () {
      const journal = yield* JobJournal.makeMemory
      yield* write(journal, "open", "intent")
      for (let at = 0; at < 100; at++) {
        yield* write(journal, `${at}`, "live")
        yield* write(journal, `${at}`, at % 2 === 0 ? "delivered" : "cancelled")
        yield* TestClock.adjust("1 minute")
      }
      const all = describeEntries(yield* journal.entries)
      assert.include(all, "open intent")
      // those of the half hour in which the server may know them
      assert.lengthOf(all, 1 + 31)
      assert.include(all, "99 cancelled")
    })
  )
})
