/** The rules that merge entries and files of several owners. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { EntryKey, State } from "effect-horde/JobJournal"
import * as LogFile from "../../packages/horde/src/internal/journal/file/logFile.js"
import { entry } from "./entries.js"

const states: ReadonlyArray<State> = ["intent", "live", "finished", "delivered", "cancelled"]

/** The rank of a state: the last two are both ends. */
const rank = (state: State) => Math.min(states.indexOf(state), 3)

describe("entries of one job in two files", () => {
  for (const known of states) {
    for (const other of states) {
      const wins = rank(other) > rank(known) ? "the other one" : "the known one"
      it.effect(`${known}, and ${other} in another file, merge to ${wins}`, () =>
        Effect.gen(function* () {
          const [a, b] = [yield* entry({ key: "a", state: known }), yield* entry({ key: "a", state: other })]
          const all = new Map([[a.key, a]])
          LogFile.merge(all, b)
          assert.strictEqual(all.get(a.key), wins === "the other one" ? b : a)
        })
      )
    }
  }

  it.effect("entries of two jobs are both kept", () =>
    Effect.gen(function* () {
      const [a, b] = [yield* entry({ key: "a" }), yield* entry({ key: "b" })]
      const all = new Map<EntryKey, typeof a>()
      LogFile.merge(all, a)
      LogFile.merge(all, b)
      assert.deepStrictEqual([...all.values()], [a, b])
    })
  )
})

describe("claims on files", () => {
  const [a = "", b = "", c = ""] = ["a", "b", "c"].map(
    (digit) => `${digit.repeat(8)}-aaaa-aaaa-aaaa-${digit.repeat(12)}`
  )
  const levels = (names: ReadonlyArray<string>) =>
    LogFile.levelsUnder(LogFile.named(names), a).map((level) => level.map(({ name }) => name))

  it("claims on files form a tree", () => {
    const names = [LogFile.ownName(a), LogFile.takenName(b, a), LogFile.takenName(c, b)]
    assert.deepStrictEqual(levels(names), [[LogFile.takenName(b, a)], [LogFile.takenName(c, b)]])
    assert.deepStrictEqual(
      LogFile.rootsOf(LogFile.named(names)).map(({ name }) => name),
      [LogFile.ownName(a)]
    )
  })

  it("cyclic claims end", () => {
    const names = [LogFile.ownName(a), LogFile.takenName(b, a), LogFile.takenName(a, b)]
    assert.deepStrictEqual(levels(names), [[LogFile.takenName(b, a)], [LogFile.takenName(a, b)]])
  })
})
