/** A journal in files whose directory or files are removed, replaced or damaged while a program uses it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Scope } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import type * as JobJournal from "effect-horde/JobJournal"
import { describeEntries, entry } from "./entries.js"

const place = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-removed-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "journal")
)

const open = (directory: string, lease: Duration.DurationInput = "10 seconds") =>
  Effect.provide(FileJournal.make({ directory, lease }), NodeContext.layer)

const put = (journal: JobJournal.Service, key: string) =>
  Effect.flatMap(entry({ key, state: "live", id: `id of ${key}` }), journal.write)

const eachFile = (directory: string, act: (path: string) => void) => {
  for (const name of readdirSync(directory)) act(join(directory, name))
}

const failure = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

const faults: ReadonlyArray<readonly [string, (directory: string) => void]> = [
  ["is removed", (directory) => rmSync(directory, { recursive: true })],
  ["is moved away", (directory) => renameSync(directory, `${directory}.old`)],
  [
    "is replaced by a file",
    (directory) => {
      rmSync(directory, { recursive: true })
      writeFileSync(directory, "")
    }
  ],
  ["has its files truncated by another program", (directory) => eachFile(directory, (path) => truncateSync(path, 10))],
  [
    "has its files replaced by another program",
    (directory) =>
      eachFile(directory, (path) => {
        writeFileSync(`${path}.new`, " ".repeat(10_000))
        renameSync(`${path}.new`, path)
      })
  ]
]

describe("damage to the journal directory at run time", () => {
  for (const [title, applyFault] of faults) {
    it.scoped(`a directory that ${title}: the next write fails and names it, and the entries stay this program's`, () =>
      Effect.gen(function* () {
        const directory = yield* place
        const journal = yield* open(directory)
        const first = yield* entry({ key: "a", state: "live", id: "id" })
        yield* journal.write(first)
        applyFault(directory)
        assert.include(yield* failure(put(journal, "b")), directory)
        assert.include(yield* failure(put(journal, "c")), directory)
        assert.isTrue(yield* journal.holds(first.key))
      })
    )
  }

  for (const [title, applyFault] of faults.slice(0, 3)) {
    it.scoped(`a directory that ${title}: reading and taking over fail instead of finding nothing`, () =>
      Effect.gen(function* () {
        const directory = yield* place
        const journal = yield* open(directory)
        yield* put(journal, "a")
        applyFault(directory)
        assert.include(yield* failure(journal.entries), directory)
        assert.include(yield* failure(journal.takeOver), directory)
        assert.isFalse(existsSync(join(directory, "anything")))
      })
    )
  }

  it.scoped("a directory that was moved away and back is used again", () =>
    Effect.gen(function* () {
      const directory = yield* place
      const journal = yield* open(directory)
      yield* put(journal, "a")
      renameSync(directory, `${directory}.old`)
      yield* failure(put(journal, "b"))
      renameSync(`${directory}.old`, directory)
      yield* put(journal, "c")
      assert.deepStrictEqual(describeEntries(yield* journal.entries), ["a live", "c live"])
    })
  )

  for (const [title, applyFault] of [
    ["is emptied", (directory: string) => eachFile(directory, (path) => rmSync(path))],
    [
      "is replaced by another one",
      (directory: string) => {
        renameSync(directory, `${directory}.old`)
        mkdirSync(directory)
      }
    ]
  ] as const) {
    it.scoped(`a directory that ${title} is written anew with all entries of the program`, () =>
      Effect.gen(function* () {
        const directory = yield* place
        const life = yield* Scope.make()
        const journal = yield* Scope.extend(open(directory), life)
        yield* put(journal, "a")
        applyFault(directory)
        yield* put(journal, "b")
        assert.deepStrictEqual(describeEntries(yield* journal.entries), ["a live", "b live"])
        yield* Scope.close(life, Exit.void)
        const next = yield* open(directory)
        assert.deepStrictEqual(describeEntries((yield* next.takeOver).entries), ["a live", "b live"])
      })
    )
  }
})

describe("journals that cannot be opened", () => {
  it.scoped("a journal whose directory is a file fails at once", () =>
    Effect.gen(function* () {
      const directory = yield* place
      writeFileSync(directory, "")
      for (const inTheWay of [directory, join(directory, "deeper"), join(directory, "even", "deeper")]) {
        assert.include(yield* failure(open(inTheWay)), directory)
      }
    })
  )

  it.scoped("a journal whose directory cannot be created fails at once", () =>
    Effect.gen(function* () {
      assert.include(yield* failure(open("/proc/no/journal")), "/proc/no")
      assert.include(yield* failure(open("a\0b")), "a\0b")
      const directory = yield* place
      mkdirSync(directory)
      chmodSync(directory, 0o500)
      // root may write everywhere
      if (process.getuid?.() !== 0) assert.include(yield* failure(open(join(directory, "journal"))), directory)
      chmodSync(directory, 0o700)
    })
  )

  for (const lease of [Duration.infinity, Number.POSITIVE_INFINITY]) {
    it.scoped(`a journal with an infinite lease fails: ${String(lease)}`, () =>
      Effect.gen(function* () {
        assert.match(yield* failure(open(yield* place, lease)), /lease must be finite/)
      })
    )
  }

  for (const lease of [Number.NaN, -1, 0, "soon" as Duration.DurationInput]) {
    it.scoped(`a journal is opened with a usable lease instead of ${String(lease)}`, () =>
      Effect.gen(function* () {
        const journal = yield* open(yield* place, lease)
        yield* put(journal, "a")
        assert.deepStrictEqual(describeEntries(yield* journal.entries), ["a live"])
      })
    )
  }
})
