/** The journal in PostgreSQL: in a server of the tests, and skipped without PostgreSQL. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { describe, expect, it } from "@effect/vitest"
import { PostgresJournal, SqlJournal } from "@effect-horde/sql"
import { Deferred, Effect, Exit, Fiber, Layer, Redacted, Scope, TestClock } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import { afterAll, beforeAll, beforeEach } from "vitest"
import * as postgres from "../support/postgres.js"
import { run } from "../support/processes.js"
import { watch } from "../support/watch.js"
import { journalContract, lease, owner, type Place } from "./contract.js"
import { type Interceptor, opened, postgresql, really } from "./databases.js"
import { describeEntries, entry } from "./entries.js"

const bin = postgres.programs()

const key = (name: string) => JobJournal.EntryKey.make(name)

beforeEach(({ skip }) => {
  skip(bin === undefined, "there is no PostgreSQL (npm test -- --install installs it)")
})

describe("PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let server: postgres.Postgres
  beforeAll(async () => {
    if (bin !== undefined) server = await Effect.runPromise(Scope.extend(postgres.start(bin), scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const use = <A, E>(url: Redacted.Redacted, run: (pg: PgClient.PgClient) => Effect.Effect<A, E>) =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* Layer.build(PgClient.layer({ url }))
        return yield* Effect.flatMap(PgClient.PgClient, run).pipe(Effect.provide(context))
      })
    )

  let schemas = 0
  /** A schema of its own, which acts as a database. */
  const schema = Effect.gen(function* () {
    const name = `place_${++schemas}`
    yield* use(server.url("public"), (pg) => pg.unsafe(`CREATE SCHEMA ${name}`))
    return server.url(name)
  })

  /** A place that knows its active statements. */
  const placeOf = (url: Redacted.Redacted, intercept?: (pg: PgClient.PgClient) => Interceptor): Place => {
    let underWay = 0
    const counted =
      (pg: PgClient.PgClient): Interceptor =>
      (statement, sql) =>
        Effect.acquireUseRelease(
          Effect.sync(() => underWay++),
          () => (intercept === undefined ? statement : intercept(pg)(statement, sql)),
          () => Effect.sync(() => underWay--)
        )
    const layer = Layer.provide(SqlJournal.layer({ lease }), postgresql(url, counted))
    return {
      open: opened(layer),
      plant: (text) =>
        Effect.gen(function* () {
          yield* Effect.scoped(opened(layer))
          const version = Number(/"version":(\d+)/.exec(text)?.[1] ?? 1)
          yield* use(url, (pg) =>
            pg.unsafe(
              `INSERT INTO effect_horde_entries (key, owner, version, state, changed_at, entry)
               VALUES ($1, 'nobody', $2, 'live', 0, $1)`,
              [text, version]
            )
          )
        }),
      settle: Effect.promise(async () => {
        const end = performance.now() + 500
        for (let quiet = 0; quiet < 10 && performance.now() < end; ) {
          quiet = underWay === 0 ? quiet + 1 : 0
          await new Promise((resolve) => setTimeout(resolve, quiet === 0 ? 1 : 0))
        }
      })
    }
  }

  journalContract("PostgreSQL", Effect.map(schema, placeOf))

  it.scopedLive("PostgresJournal.layer opens a journal by its URL and keeps its entries", () =>
    Effect.gen(function* () {
      const url = yield* schema
      const open = opened(PostgresJournal.layer({ url }))
      yield* Effect.scoped(Effect.flatMap(open, (it) => Effect.flatMap(entry({ key: "a", state: "live" }), it.write)))
      const { entries } = yield* Effect.flatMap(open, ({ takeOver }) => takeOver)
      expect(describeEntries(entries)).toEqual(["a live"])
    })
  )

  it.scopedLive("a journal keeps writing although the server ends its connections, idle or in use", () =>
    Effect.gen(function* () {
      const url = yield* schema
      const journal = yield* opened(PostgresJournal.layer({ url }))
      const end = use(url, (pg) =>
        pg.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'effect-horde' AND pid <> pg_backend_pid()`)
      )
      yield* journal.write(yield* entry({ key: "first" }))
      for (let round = 0; round < 5; round++) {
        const keys = Array.from({ length: 20 }, (_, at) => `${round}-${at}`)
        const write = (key: string) => Effect.flatMap(entry({ key, state: "live" }), journal.write)
        const writes = Effect.forEach(keys, write, { concurrency: "unbounded" })
        yield* Effect.all([writes, end, journal.entries], { concurrency: "unbounded" })
      }
      expect(yield* journal.entries).toHaveLength(101)
    })
  )

  it.scopedLive("a journal needs no right to create tables that exist", () =>
    Effect.gen(function* () {
      const url = yield* schema
      yield* Effect.scoped(opened(PostgresJournal.layer({ url })))
      const name = `place_${schemas}`
      yield* use(url, (pg) =>
        Effect.forEach(
          [
            "CREATE ROLE guest LOGIN",
            `GRANT USAGE ON SCHEMA ${name} TO guest`,
            `GRANT ALL ON ALL TABLES IN SCHEMA ${name} TO guest`
          ],
          (sql) => pg.unsafe(sql)
        )
      )
      const guest = Redacted.make(Redacted.value(url).replace("horde:", "guest:"))
      const journal = yield* opened(PostgresJournal.layer({ url: guest }))
      yield* journal.write(yield* entry({ key: "a" }))
      expect(yield* journal.holds(key("a"))).toBe(true)
    })
  )

  it.scopedLive("eight clients create and share a new journal at once", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 8 }, (_, client) => `client-${client}`)
      for (let round = 0; round < 5; round++) {
        const url = yield* schema
        const client = (key: string) =>
          Effect.scoped(
            Effect.gen(function* () {
              const journal = yield* opened(PostgresJournal.layer({ url }))
              yield* journal.write(yield* entry({ key, state: "live" }))
            })
          )
        yield* Effect.forEach(keys, client, { concurrency: "unbounded", discard: true })
        const journal = yield* opened(PostgresJournal.layer({ url }))
        expect(describeEntries(yield* journal.entries)).toEqual(keys.map((key) => `${key} live`))
        const tables = yield* use(url, (pg) =>
          pg.unsafe(`SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`)
        )
        expect(tables).toEqual([{ tablename: "effect_horde_entries" }, { tablename: "effect_horde_owners" }])
      }
    })
  )

  it.scopedLive("killed writers lose no confirmed entry in PostgreSQL", () =>
    Effect.gen(function* () {
      const url = yield* schema
      const safe: Array<string> = []
      const writers = ["one", "two"].map((name) =>
        Effect.scoped(
          Effect.gen(function* () {
            const env = { HORDE_JOURNAL_URL: Redacted.value(url) }
            const writer = yield* run("test/journal/sqlWriter.ts", [name], env)
            yield* writer.saw(`safe ${name}-9`)
            yield* writer.signal("SIGKILL")
            yield* writer.exitCode
            safe.push(...writer.lines.filter((line) => line.startsWith("safe ")).map((line) => line.slice(5)))
          })
        )
      )
      yield* Effect.all(writers, { concurrency: "unbounded" })
      expect(safe.length).toBeGreaterThanOrEqual(20)
      const journal = yield* opened(PostgresJournal.layer({ url }))
      const live = new Set((yield* journal.entries).filter(({ state }) => state === "live").map(({ key }) => `${key}`))
      expect(safe.filter((it) => !live.has(it))).toEqual([])
      expect((yield* journal.takeOver).entries).toHaveLength((yield* journal.entries).length)
    })
  )

  it.scoped("a take-over includes an entry whose write is under way when its owner is found dead", () =>
    Effect.gen(function* () {
      const url = yield* schema
      const written = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      // a write with a delay between its statement and its commit
      const slow = placeOf(url, (pg) => (statement, sql) => {
        if (!sql.includes("ON CONFLICT")) return statement
        const wait = Effect.zipRight(Deferred.succeed(written, undefined), Deferred.await(goOn))
        return pg.withTransaction(Effect.zipLeft(statement, wait))
      })
      const first = placeOf(url)
      const mine = yield* owner(first)
      const late = yield* owner(slow)
      yield* late.stop
      const writing = yield* Effect.fork(Effect.exit(late.writeState({ key: "b", state: "live" })))
      yield* Deferred.await(written)
      // so that there is an owner to wait for
      yield* use(url, (pg) =>
        pg.unsafe(`INSERT INTO effect_horde_entries (key, owner, version, state, changed_at, entry)
            SELECT id, id, 2, 'live', 0, '{"version":2}' FROM effect_horde_owners`)
      )
      const taking = yield* Effect.fork(mine.takeOver)
      for (let step = 0; step < 22; step++) {
        yield* first.settle
        yield* TestClock.adjust("500 millis")
      }
      yield* really(200)
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(writing)
      expect(describeEntries((yield* Fiber.join(taking)).entries)).toEqual(["b live"])
      expect(yield* late.holds(key("b"))).toBe(false)
    })
  )

  // the last one: it stops the server
  it.scopedLive("the error of a stopped server contains no password", () =>
    Effect.gen(function* () {
      const url = yield* schema
      const journal = yield* opened(PostgresJournal.layer({ url }))
      yield* server.end
      const { error, printed } = yield* watch().run(Effect.flatMap(entry({ key: "a", id: "id-of-a" }), journal.write))
      expect(error).toMatchObject({ value: { _tag: "JournalFailed", reason: "Unavailable", method: "write" } })
      for (const print of printed) expect(print).not.toMatch(/a-secret-password|id-of-a/)
    })
  )
})
