/** The journal in SQL, with SQLite; behaviour that does not depend on the database is tested with SQLite too. */
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SqlClient, SqlError } from "@effect/sql"
import { describe, expect, it } from "@effect/vitest"
import { SqliteJournal, SqlJournal } from "@effect-horde/sql"
import { ConfigProvider, Deferred, Duration, Effect, Fiber, Layer } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import * as Machine from "../support/machine.js"
import { run } from "../support/processes.js"
import { prints, watch } from "../support/watch.js"
import { during, journalContract, lease, nothing, owner, type Place, pass, reasonOf } from "./contract.js"
import { folder, inFile, opened, sqlite } from "./databases.js"
import { describeEntries, entry } from "./entries.js"

const key = (name: string) => JobJournal.EntryKey.make(name)

const planted = `INSERT INTO effect_horde_entries (key, owner, version, state, changed_at, entry)
  VALUES (?, 'nobody', ?, 'live', 0, ?)`

/** A file as a place: a statement is over when it returns. */
const placeOf = (filename: string, layer: Layer.Layer<JobJournal.JobJournal, unknown>): Place => ({
  open: opened(layer),
  plant: (text) =>
    Effect.gen(function* () {
      yield* Effect.scoped(opened(layer))
      const version = /"version":(\d+)/.exec(text)?.[1] ?? "1"
      inFile(filename, planted, text, Number(version), text)
    }),
  settle: Effect.yieldNow()
})

const file = Effect.map(folder, (folder) => join(folder, "journal.db"))

journalContract(
  "SQLite",
  Effect.map(file, (filename) => placeOf(filename, SqliteJournal.layer({ filename, lease })))
)

describe("SQLite", () => {
  it.scoped("a SQLite journal is a file that its owner alone can read", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const journal = yield* opened(SqliteJournal.layer({ filename }))
      yield* journal.write(yield* entry({ key: "a" }))
      for (const it of ["", "-wal", "-shm"]) expect(statSync(`${filename}${it}`).mode & 0o777).toBe(0o600)
    })
  )

  it.scoped("the error of a SQLite journal that cannot be opened contains nothing of its contents", () =>
    Effect.gen(function* () {
      const place = yield* folder
      writeFileSync(join(place, "no.db"), "this is no database, and it quotes a secret-id ".repeat(100))
      for (const filename of [join(place, "secret-id", "a.db"), join(place, "no.db")]) {
        const building = Effect.flip(Effect.scoped(opened(SqliteJournal.layer({ filename }))))
        const value = yield* building
        expect(value).toMatchObject({
          _tag: "JournalFailed",
          reason: "Unavailable",
          method: "open",
          path: "(the journal)"
        })
        for (const print of prints(value)) expect(print).not.toContain("secret-id")
      }
    })
  )

  for (const [title, applyFault] of [
    ["is removed", (filename: string) => rmSync(filename)],
    [
      "is replaced",
      (filename: string) => {
        renameSync(filename, `${filename}.old`)
        writeFileSync(filename, "")
      }
    ]
  ] as const) {
    it.scopedLive(`a SQLite journal that ${title} at run time fails each call and is named`, () =>
      Effect.gen(function* () {
        const filename = yield* file
        const journal = yield* opened(SqliteJournal.layer({ filename }))
        yield* Effect.flatMap(entry({ key: "a", state: "live" }), journal.write)
        applyFault(filename)
        const write = Effect.flatMap(entry({ key: "b", state: "live" }), journal.write)
        for (const call of [write, journal.entries, journal.takeOver]) {
          const error = yield* Effect.flip(Effect.asVoid(call))
          expect(error).toMatchObject({ _tag: "JournalFailed", reason: "Unavailable" })
          expect(error.message).toContain(filename)
        }
      })
    )
  }

  for (const lease of [Duration.infinity, "10 days"] as const) {
    it.scopedLive(`a SQLite journal is not opened with a lease that is too long: ${String(lease)}`, () =>
      Effect.gen(function* () {
        const filename = yield* file
        const error = yield* Effect.flip(Layer.build(SqliteJournal.layer({ filename, lease })))
        expect(error.message).toMatch(/lease/)
      })
    )
  }

  it.scopedLive("killed writers lose no confirmed entry in SQLite", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const safe = new Set<string>()
      for (let round = 0; round < 3; round++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* run("test/journal/sqlWriter.ts", [`round-${round}`], {
              HORDE_JOURNAL_URL: filename
            })
            yield* writer.saw(`safe round-${round}-${4 + 7 * round}`)
            yield* writer.signal("SIGKILL")
            yield* writer.exitCode
            for (const line of writer.lines) if (line.startsWith("safe ")) safe.add(line.slice(5))
          })
        )
      }
      expect(safe.size).toBeGreaterThan(30)

      const journal = yield* opened(SqliteJournal.layer({ filename }))
      const all = yield* journal.entries
      const live = new Set(all.filter(({ state }) => state === "live").map(({ key }) => String(key)))
      expect([...safe].filter((it) => !live.has(it))).toEqual([])
      const { entries, newer, unreadable } = yield* journal.takeOver
      expect([describeEntries(entries), newer, unreadable]).toEqual([describeEntries(all), 0, 0])
    })
  )

  it.scopedLive("many processes create and share a new SQLite journal at once", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const start = (name: string) => run("test/journal/sqlWriter.ts", [name, "100"], { HORDE_JOURNAL_URL: filename })
      const writers = yield* Effect.forEach(["one", "two", "three"], start, { concurrency: "unbounded" })
      for (const writer of writers) {
        yield* writer.saw("done")
        expect(yield* writer.exitCode).toBe(0)
      }
      const journal = yield* opened(SqliteJournal.layer({ filename }))
      expect((yield* journal.entries).filter(({ state }) => state === "live")).toHaveLength(300)
      // each of them left
      expect(inFile(filename, "SELECT id FROM effect_horde_owners")).toHaveLength(1)
      expect((yield* Effect.timeout(journal.takeOver, yield* Machine.limit(1000))).entries).toHaveLength(300)
    })
  )
})

describe("the journal in SQL", () => {
  /** A journal over a client of its own, and a switch that disconnects the database. */
  const switched = (filename: string) => {
    let isThere = true
    const secret = new SqlError.SqlError({ message: "secret-id", cause: new Error("secret-id in a row") })
    const client = sqlite(filename, (statement) => Effect.suspend(() => (isThere ? statement : Effect.fail(secret))))
    return {
      place: placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client)),
      setConnected: (on: boolean) =>
        Effect.sync(() => {
          isThere = on
        })
    }
  }

  it.scoped("an error does not contain the message of the database, which may quote a row", () =>
    Effect.gen(function* () {
      const { place, setConnected } = switched(yield* file)
      const mine = yield* owner(place)
      yield* setConnected(false)
      const { lines, run } = watch()
      for (const [method, asked] of [
        ["write", mine.writeState({ key: "a" })],
        ["entries", Effect.asVoid(mine.entries)],
        ["takeOver", Effect.asVoid(mine.takeOver)]
      ] as const) {
        const { error, printed } = yield* run(asked)
        expect(error).toMatchObject({
          value: { _tag: "JournalFailed", reason: "Unavailable", method, isRetryable: true }
        })
        for (const print of printed) expect(print).not.toContain("secret-id")
      }
      yield* pass(place, lease)
      expect(lines.join()).not.toContain("secret-id")
    })
  )

  it.scoped("a statement is retried for five seconds after a lost connection, and after no other error", () =>
    Effect.gen(function* () {
      const filename = yield* file
      let code = ""
      let failures = 0
      let statements = 0
      const client = sqlite(filename, (statement, sql) =>
        Effect.suspend(() => {
          if (!sql.includes("ON CONFLICT")) return statement
          statements++
          if (failures-- <= 0) return statement
          const cause = Object.assign(new Error("secret-id in a row"), code === "" ? {} : { code })
          return Effect.fail(new SqlError.SqlError({ cause }))
        })
      )
      const place = placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client))
      const mine = yield* owner(place)
      const writes = (of: { readonly code: string; readonly failures: number }) =>
        Effect.gen(function* () {
          ;({ code, failures } = of)
          statements = 0
          const written = Effect.either(mine.writeState({ key: "a", state: "live" }))
          const { took, value } = yield* during(place, written)
          return { took, statements, message: value._tag === "Left" ? value.left.message : "written" }
        })

      for (const lost of ["ECONNREFUSED", "ECONNRESET", "57P01", "57P03", "08006"]) {
        const { message, statements, took } = yield* writes({ code: lost, failures: 3 })
        expect([message, statements]).toEqual(["written", 4])
        expect(took).toBeLessThan(1500)
      }
      const gone = yield* writes({ code: "ECONNREFUSED", failures: 1000 })
      expect(gone.message).toBe("the database refused or lost the statement: connection lost")
      expect(gone.took).toBeGreaterThanOrEqual(4500)
      expect(gone.took).toBeLessThan(6500)
      for (const [code, kind] of [
        ["23505", "constraint"],
        ["42501", "permission denied"],
        ["SQLITE_FULL", "no space or memory left"],
        ["SQLITE_BUSY", "locked by another process"],
        ["", "unknown reason"]
      ] as const) {
        expect(yield* writes({ code, failures: 1 })).toEqual({
          took: 0,
          statements: 1,
          message: `the database refused or lost the statement: ${kind}`
        })
      }
    })
  )

  it.scoped("a journal continues with all entries when the database is back", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { place, setConnected } = switched(filename)
      const [mine, other] = [
        yield* owner(place),
        yield* owner(placeOf(filename, SqliteJournal.layer({ filename, lease })))
      ]
      yield* mine.writeState({ key: "a", state: "live" })
      yield* setConnected(false)
      yield* pass(place, Duration.times(lease, 5))
      yield* setConnected(true)
      yield* pass(place, lease)
      expect((yield* during(place, other.takeOver)).value).toEqual(nothing)
      yield* mine.writeState({ key: "a", state: "finished" })
      expect(yield* mine.holds(key("a"))).toBe(true)
    })
  )

  it.scoped("an unreachable journal holds its entries for one lease, since no owner can have taken them", () =>
    Effect.gen(function* () {
      const { place, setConnected } = switched(yield* file)
      const mine = yield* owner(place)
      yield* mine.writeState({ key: "a", state: "live" })
      yield* pass(place, lease)
      yield* setConnected(false)
      yield* mine.jump("3 days")
      expect([yield* mine.holds(key("a")), yield* mine.holds(key("b"))]).toEqual([true, false])
      yield* pass(place, Duration.times(lease, 0.5))
      expect(yield* mine.holds(key("a"))).toBe(true)
      yield* pass(place, Duration.times(lease, 0.6))
      expect(yield* mine.holds(key("a"))).toBe(false)
      yield* setConnected(true)
      expect(yield* mine.holds(key("a"))).toBe(true)
    })
  )

  it.scoped("holds waits no longer than a second for a reply about one entry", () =>
    Effect.gen(function* () {
      const filename = yield* file
      let hangs = false
      const client = sqlite(filename, (statement) => Effect.suspend(() => (hangs ? Effect.never : statement)))
      const place = placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client))
      const mine = yield* owner(place)
      yield* mine.writeState({ key: "a", state: "live" })
      hangs = true
      const { took, value } = yield* during(place, mine.holds(key("a")))
      expect([took, value]).toEqual([1000, true])
      // nor when it leaves
      expect((yield* during(place, mine.leave)).took).toBe(5000)
    })
  )

  it.scoped("the later of two writes wins, even if the earlier one is slower", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const first = yield* Deferred.make<void>()
      let writes = 0
      const client = sqlite(filename, (statement, sql) =>
        Effect.suspend(() =>
          sql.startsWith("INSERT INTO") && sql.includes("ON CONFLICT") && writes++ === 0
            ? Effect.zipRight(Deferred.await(first), statement)
            : statement
        )
      )
      const mine = yield* owner(placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client)))
      const slow = yield* Effect.fork(mine.writeState({ key: "a", state: "live" }))
      yield* Effect.yieldNow()
      const quick = yield* Effect.fork(mine.writeState({ key: "a", state: "delivered" }))
      // another entry does not wait
      yield* mine.writeState({ key: "b", state: "live" })
      yield* Deferred.succeed(first, undefined)
      yield* Fiber.joinAll([slow, quick])
      expect(describeEntries(yield* mine.entries)).toEqual(["a delivered", "b live"])
    })
  )

  it.scoped("an entry that was written in a transaction is kept when that is rolled back", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const mine = yield* owner(placeOf(filename, SqliteJournal.layer({ filename })))
      const sql = yield* Effect.map(Layer.build(sqlite(`${filename}.other`)), (it) => it).pipe(
        Effect.flatMap((context) => Effect.provide(SqlClient.SqlClient, context))
      )
      yield* mine.writeState({ key: "a" }).pipe(Effect.zipRight(Effect.fail("no")), sql.withTransaction, Effect.flip)
      expect(describeEntries(yield* mine.entries)).toEqual(["a intent"])
    })
  )

  it.scoped("statements of the journal have no spans", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { run, spans } = watch()
      yield* run(
        Effect.scoped(
          Effect.gen(function* () {
            const place = placeOf(filename, SqliteJournal.layer({ filename, lease }))
            const mine = yield* owner(place)
            yield* mine.writeState({ key: "a" })
            yield* pass(place, lease)
          })
        )
      )
      expect(spans.map(({ name }) => name)).toEqual(["the program"])
    })
  )

  it.scoped("entries that are over in a later version are kept for that version", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const place = placeOf(filename, SqliteJournal.layer({ filename, lease }))
      yield* owner(place)
      const newer = planted.replace("'live', 0", "'delivered', -86400000")
      inFile(filename, newer, "a", 2, '{"version":2}')
      inFile(filename, newer, "b", 1, '{"version":1}')
      yield* pass(place, lease)
      expect(inFile(filename, "SELECT key FROM effect_horde_entries")).toEqual([{ key: "a" }])
    })
  )

  it.scoped("a take-over waits for the lease of the other owner", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const patient = yield* owner(placeOf(filename, SqliteJournal.layer({ filename, lease: "1 minute" })))
      const place = placeOf(filename, SqliteJournal.layer({ filename, lease: "3 seconds" }))
      const hasty = yield* owner(place)
      yield* patient.writeState({ key: "a", state: "live" })
      const { took, value } = yield* during(place, hasty.takeOver)
      expect([took, value]).toEqual([60_000, nothing])
      yield* patient.stop
      expect(describeEntries((yield* during(place, hasty.takeOver)).value.entries)).toEqual(["a live"])
    })
  )

  it.scoped("a take-over does not wait for owners without open entries", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const place = placeOf(filename, SqliteJournal.layer({ filename, lease }))
      const [idle, mine] = [yield* owner(place), yield* owner(place)]
      yield* idle.writeState({ key: "a", state: "delivered" })
      expect(yield* during(place, mine.takeOver)).toEqual({ took: 0, value: nothing })
    })
  )

  it.scoped("each entry goes to one owner, whichever read first", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const place = placeOf(filename, SqliteJournal.layer({ filename, lease }))
      const gone = yield* owner(place)
      yield* gone.writeState({ key: "a", state: "live" })
      yield* gone.writeState({ key: "b", state: "live" })
      yield* gone.leave

      const quick = yield* owner(place)
      let between: Effect.Effect<unknown> = quick.takeOver.pipe(Effect.orDie)
      const client = sqlite(filename, (statement, sql) => {
        if (!sql.startsWith("UPDATE") || !sql.includes("RETURNING entry")) return statement
        return Effect.zipRight(between, statement)
      })
      const slow = yield* owner(placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client)))
      expect(yield* slow.takeOver).toEqual(nothing)
      expect([yield* quick.holds(key("a")), yield* slow.holds(key("a"))]).toEqual([true, false])

      // nor does an owner take anything that is treated as dead at that moment
      yield* quick.leave
      between = Effect.sync(() => void inFile(filename, "DELETE FROM effect_horde_owners"))
      expect(yield* slow.takeOver).toEqual(nothing)
      between = Effect.void
      expect(describeEntries((yield* slow.takeOver).entries)).toEqual(["a live", "b live"])
    })
  )

  it.scoped("a take-over that was aborted returns its entries the next time", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const place = placeOf(filename, SqliteJournal.layer({ filename, lease }))
      for (const key of ["a", "b", "c"]) {
        const gone = yield* owner(place)
        yield* gone.writeState({ key, state: "live" })
        yield* gone.leave
      }
      let takes = 0
      const client = sqlite(filename, (statement, sql) =>
        Effect.suspend(() =>
          sql.includes("RETURNING entry") && ++takes === 2
            ? Effect.fail(new SqlError.SqlError({ cause: "a broken wire" }))
            : statement
        )
      )
      const mine = yield* owner(placeOf(filename, Layer.provide(SqlJournal.layer({ lease }), client)))
      expect(yield* reasonOf(mine.takeOver)).toBe("Unavailable")
      expect(describeEntries((yield* mine.takeOver).entries)).toEqual(["a live", "b live", "c live"])
      expect(yield* mine.takeOver).toEqual(nothing)
    })
  )

  it.scoped("a journal that was left holds nothing", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const place = placeOf(
        filename,
        Layer.provide(SqlJournal.layer(), Layer.succeedContext(yield* Layer.build(sqlite(filename))))
      )
      const gone = yield* owner(place)
      yield* gone.writeState({ key: "a" })
      yield* gone.leave
      expect(yield* reasonOf(gone.writeState({ key: "a", state: "live" }))).toBe("NotMine")
      expect(yield* reasonOf(gone.writeState({ key: "b" }))).toBe("NotMine")
      expect(inFile(filename, "SELECT id FROM effect_horde_owners")).toEqual([])
    })
  )
})

describe("the journal of the environment variables", () => {
  const named = (url: string) =>
    opened(SqlJournal.layerConfig()).pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HORDE_JOURNAL_URL", url]]))),
      Effect.scoped
    )

  it.scopedLive("a file name or a file URL opens SQLite", () =>
    Effect.gen(function* () {
      const place = yield* folder
      yield* named(join(place, "by name.db"))
      yield* named(new URL(`file://${place}/by%20address.db`).href)
      for (const name of ["by name.db", "by address.db"]) {
        expect(inFile(join(place, name), "SELECT * FROM effect_horde_entries")).toEqual([])
      }
    })
  )

  it.scopedLive("without a variable the journal is a file in the working directory", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const before = process.cwd()
      yield* Effect.acquireRelease(
        Effect.sync(() => process.chdir(place)),
        () => Effect.sync(() => process.chdir(before))
      )
      yield* named("")
      expect(inFile(join(place, "effect-horde.db"), "SELECT * FROM effect_horde_entries")).toEqual([])
    })
  )

  it.scopedLive("a PostgreSQL URL opens PostgreSQL, and no error contains its password", () =>
    Effect.gen(function* () {
      for (const scheme of ["postgres", "postgresql"]) {
        const { error, printed } = yield* watch().run(named(`${scheme}://me:secret-word@127.0.0.1:1/none`))
        expect(error).toMatchObject({ value: { _tag: "JournalFailed", message: "PostgreSQL cannot be reached" } })
        for (const print of printed) expect(print).not.toContain("secret-word")
      }
    })
  )

  it.scopedLive("other values are rejected and not printed", () =>
    Effect.gen(function* () {
      for (const url of ["mysql://me:secret-word@here/there", "file://elsewhere/secret-word"]) {
        const { error, printed } = yield* watch().run(named(url))
        expect(error).toMatchObject({ value: { _op: "InvalidData", path: ["HORDE_JOURNAL_URL"] } })
        for (const print of printed) expect(print).not.toContain("secret-word")
      }
    })
  )
})
