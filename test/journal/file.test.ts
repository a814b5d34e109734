/** The journal in files: the contract, damaged files, full disks, and its size. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Fiber, Layer } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import { isOpen } from "effect-horde/JobJournal"
import * as Disk from "../support/disk.js"
import { forAll } from "../support/forAll.js"
import * as QuickClock from "../support/quickClock.js"
import { journalContract, lease } from "./contract.js"
import { describeEntries, entry } from "./entries.js"
import { directory, key, record, type World, world } from "./fileOwners.js"

journalContract(
  "the journal in files",
  Effect.sync(() => {
    const disk = Disk.make()
    return {
      open: Effect.suspend(() => Effect.provide(FileJournal.make({ directory, lease }), disk.process().layer)),
      plant: (text) => Effect.sync(() => disk.put(`${directory}/${crypto.randomUUID()}.jsonl`, record(text))),
      settle: QuickClock.settled
    }
  })
)

/** The file of an owner that was killed after it had written these. */
const leftBehind = (...keys: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { files, owner } = world()
    const killed = yield* owner()
    for (const key of keys) yield* killed.put({ key, state: "live", id: `id of ${key}` })
    killed.process.kill()
    const [file] = files()
    return file ?? assert.fail("there is no file")
  }).pipe(Effect.scoped)

const found = (name: string, contents: Uint8Array | string) =>
  Effect.gen(function* () {
    const { disk, owner } = world()
    disk.put(`${directory}/${name}`, contents)
    const mine = yield* owner()
    const taken = yield* mine.takeOver
    yield* mine.put({ key: "new" })
    return { ...taken, entries: describeEntries(taken.entries), all: describeEntries(yield* mine.entries) }
  }).pipe(Effect.scoped)

/** Every write takes room, also the renewals of the lease. */
const written = (contents: ReadonlyMap<string, string>) =>
  [...contents.values()].reduce((sum, text) => sum + text.length, 0)

describe("damaged files", () => {
  it.effect("a record that a crash has cut at any position loses only itself", () =>
    Effect.gen(function* () {
      const [name, contents] = yield* leftBehind("a", "b", "c")
      const last = contents.trimEnd().lastIndexOf("\n") + 1
      for (let end = last; end <= contents.length; end++) {
        const { all, entries, unreadable } = yield* found(name, contents.slice(0, end))
        const isWhole = end >= contents.length - 1
        assert.deepStrictEqual(entries, ["a live", "b live", ...(isWhole ? ["c live"] : [])], `${end}`)
        assert.strictEqual(unreadable, isWhole || end === last ? 0 : 1)
        assert.deepStrictEqual(all, [...entries, "new intent"])
      }
    })
  )

  it.effect("a damaged byte loses only its own record", () =>
    Effect.gen(function* () {
      const [name, contents] = yield* leftBehind("a", "b", "c")
      const bytes = new TextEncoder().encode(contents)
      const place = FastCheck.tuple(FastCheck.nat(bytes.length - 1), FastCheck.integer({ min: 1, max: 255 }))
      yield* forAll(
        place,
        ([at, difference]) =>
          Effect.gen(function* () {
            const damaged = bytes.slice()
            damaged[at] = (bytes[at] ?? 0) ^ difference
            const { entries, unreadable } = yield* found(name, damaged)
            // a damaged line break joins two records
            const lost = at === bytes.length - 1 ? 1 : bytes[at] === 10 ? 2 : 1
            assert.strictEqual(entries.length, 3 - lost)
            assert.isAtLeast(unreadable, 1)
          }),
        150
      )
    })
  )

  it.scoped("files that belong to no journal are not changed", () =>
    Effect.gen(function* () {
      const { disk, files, owner } = world()
      for (const name of ["notes.txt", "a.jsonl", `${crypto.randomUUID()}.jsonl.bak`, "0.taken-by-1"]) {
        disk.put(`${directory}/${name}`, "what a fine day\n")
      }
      disk.put(`${directory}/${crypto.randomUUID()}.jsonl`, "")
      const before = files()
      const mine = yield* owner()
      assert.deepStrictEqual(yield* mine.takeOver, { entries: [], newer: 0, unreadable: 0 })
      assert.deepStrictEqual(yield* mine.entries, [])
      yield* mine.leave
      const left = [...before].filter(([, text]) => text !== "") // the empty file belonged to an owner without entries
      assert.deepStrictEqual([...files()], left)
    })
  )

  it.effect("entries that a removed owner had claimed are recovered", () =>
    Effect.gen(function* () {
      const [name, contents] = yield* leftBehind("a")
      const claimed = `${name.slice(0, 36)}.taken-by-${crypto.randomUUID()}`
      assert.deepStrictEqual((yield* found(claimed, contents)).entries, ["a live"])
    })
  )

  it.scoped("a file with a record of a later version is not changed", () =>
    Effect.gen(function* () {
      const { clock, disk, files, owner } = world()
      const [name, contents] = yield* leftBehind("a")
      const later = contents + record('{"version":2,"sign":"something else"}')
      disk.put(`${directory}/${name}`, later)
      // also if another owner has claimed it
      const [other, otherContents] = yield* leftBehind("b")
      const hanging = `${crypto.randomUUID()}.taken-by-${other.slice(0, 36)}`
      disk.put(`${directory}/${other}`, otherContents)
      disk.put(`${directory}/${hanging}`, later)

      const mine = yield* owner()
      assert.deepStrictEqual(yield* mine.takeOver, { entries: [], newer: 2, unreadable: 0 })
      assert.deepStrictEqual(describeEntries(yield* mine.entries), ["a live", "b live"])
      yield* clock.pass("1 hour")
      yield* mine.leave
      assert.deepStrictEqual(
        files(),
        new Map([
          [name, later],
          [other, otherContents],
          [hanging, later]
        ])
      )
    })
  )
})

describe("full disks", () => {
  /** An owner whose disk becomes full after a number of bytes, then has room again, and is killed. */
  const meetsIt = ({ disk, files, owner }: World, room: number) =>
    Effect.gen(function* () {
      const mine = yield* owner()
      disk.setRoom(room)
      const names = ["a", "b", "c"]
      // the first alone, the others in one write
      const first = yield* mine.tryPut({ key: "a" })
      const others = yield* Effect.forEach(["b", "c"], (key) => mine.tryPut({ key }), { concurrency: "unbounded" })
      const outcomes = [first, ...others]
      disk.setRoom(Number.POSITIVE_INFINITY)
      const expected = names.flatMap((name, at) => (outcomes[at] === "written" ? [`${name} intent`] : []))
      assert.isTrue(outcomes.every((outcome) => outcome === "written" || outcome === "Unavailable"))
      assert.deepStrictEqual(
        yield* mine.held(...names),
        expected.map((text) => text.slice(0, 1))
      )
      yield* mine.put({ key: "d" })
      mine.process.kill()

      const next = yield* owner()
      const taken = yield* next.takeOver
      return { taken, expected: [...expected, "d intent"], failed: 3 - expected.length, size: written(files()) }
    })

  it.scoped("a failed write leaves nothing, and later writes succeed", () =>
    Effect.gen(function* () {
      const plenty = yield* meetsIt(world(), 100_000)
      assert.strictEqual(plenty.failed, 0)
      for (let room = 0; room < plenty.size; room += 7) {
        const { expected, failed, taken } = yield* meetsIt(world(), room)
        if (room < 300) assert.isAtLeast(failed, 2)
        assert.deepStrictEqual(describeEntries(taken.entries), expected)
        assert.strictEqual(taken.unreadable, 0)
      }
    })
  )

  it.scoped("a partial write that could not be undone damages no other record", () =>
    Effect.gen(function* () {
      const { disk, owner } = world()
      const mine = yield* owner()
      yield* mine.put({ key: "a" })
      mine.process.refuse(/^truncate/)
      disk.setRoom(200)
      assert.strictEqual(yield* mine.tryPut({ key: "b" }), "Unavailable")
      disk.setRoom(Number.POSITIVE_INFINITY)
      yield* mine.put({ key: "c" })
      mine.process.kill()
      const taken = yield* (yield* owner()).takeOver
      assert.deepStrictEqual([describeEntries(taken.entries), taken.unreadable], [["a intent", "c intent"], 1])
    })
  )

  it.scoped("entries that cannot be stored are not taken over", () =>
    Effect.gen(function* () {
      const { disk, files, owner } = world()
      const gone = yield* owner()
      yield* gone.put({ key: "a", state: "live" })
      yield* gone.leave
      const mine = yield* owner()
      const before = [...files().keys()]
      disk.setRoom(10)
      assert.strictEqual((yield* Effect.flip(mine.takeOver)).reason, "Unavailable")
      assert.deepStrictEqual([...files().keys()], before)
      // there is room for one renewal of the lease, and for no more
      disk.setRoom(100)
      assert.strictEqual((yield* Effect.flip(mine.takeOver)).reason, "Unavailable")
      assert.deepStrictEqual(yield* mine.held("a"), [])
      disk.setRoom(Number.POSITIVE_INFINITY)
      assert.deepStrictEqual(describeEntries((yield* mine.takeOver).entries), ["a live"])
      assert.deepStrictEqual(yield* mine.held("a"), ["a"])
    })
  )
})

describe("the size of the journal", () => {
  it.scoped("concurrent writes share their syncs", () =>
    Effect.gen(function* () {
      const { owner } = world()
      const mine = yield* owner()
      const entries = yield* Effect.forEach(Array(100).keys(), (at) => entry({ key: `${at}` }))
      const before = mine.process.operations.length
      mine.process.stall()
      const writes = yield* Effect.fork(Effect.forEach(entries, mine.write, { concurrency: "unbounded" }))
      yield* QuickClock.settled
      mine.process.resume()
      yield* Fiber.join(writes)
      const syncs = mine.process.operations.slice(before).filter((text) => text.startsWith("sync"))
      assert.isAtMost(syncs.length, 2)
      assert.strictEqual((yield* mine.entries).length, 100)
    })
  )

  it.scoped("the journal does not grow in weeks of work", () =>
    Effect.gen(function* () {
      const { clock, files, owner } = world()
      const mine = yield* owner({ lease: "10 minutes" })
      yield* mine.put({ key: "first", state: "live", id: "the first" })
      let [most, renewals, last] = [0, 0, ""]
      for (let job = 0; job < 4 * 7 * 24; job++) {
        const [name = ""] = files().keys()
        if (name !== last) {
          renewals++
          assert.isBelow(files().get(name)?.split("\n").length ?? 0, 50)
        }
        last = name
        for (const state of ["intent", "live", "finished", "delivered"] as const) {
          yield* mine.put({ key: `job ${job}`, state, id: `id of ${job}` })
        }
        yield* clock.pass("1 hour")
        assert.strictEqual(files().size, 1)
        most = Math.max(most, written(files()))
      }
      assert.isAtLeast(renewals, 3)
      assert.isBelow(most, 1_500_000)
      const all = yield* mine.entries
      assert.deepStrictEqual(describeEntries(all.filter(isOpen)), ["first live"])
      assert.deepStrictEqual(yield* mine.held("first"), ["first"])
      mine.process.kill()

      const next = yield* owner({ lease: "10 minutes" })
      assert.deepStrictEqual(describeEntries((yield* next.takeOver).entries), ["first live"])
      yield* next.put({ key: "first", state: "delivered", id: "the first" })
      yield* next.leave
      // its end is kept as long as its id could be mistaken for another job's
      assert.strictEqual(files().size, 1)
      yield* clock.pass("1 hour")
      const third = yield* owner()
      yield* third.takeOver
      assert.deepStrictEqual(yield* third.entries, [])
      yield* third.leave
      assert.strictEqual(files().size, 0)
    })
  )
})

describe("a real disk", () => {
  const folder = Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const Node = Layer.merge(NodeFileSystem.layer, NodePath.layer)

  it.scopedLive("journal files are readable by their owner alone, and an owner without entries leaves no file", () =>
    Effect.gen(function* () {
      const above = yield* folder
      const place = join(above, "in", "there")
      const open = Effect.provide(FileJournal.make({ directory: place, lease: "300 millis" }), Node)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const journal = yield* open
          yield* journal.write(yield* entry({ key: "a", state: "live", id: "the id" }))
          const modeOf = (path: string) => statSync(path).mode & 0o777
          assert.deepStrictEqual([modeOf(join(above, "in")), modeOf(place)], [0o700, 0o700])
          const files = readdirSync(place)
          assert.deepStrictEqual(
            files.map((name) => modeOf(join(place, name))),
            [0o600]
          )
        })
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const journal = yield* open
          assert.deepStrictEqual(describeEntries((yield* journal.takeOver).entries), ["a live"])
          assert.isTrue(yield* journal.holds(key("a")))
          yield* journal.write(yield* entry({ key: "a", state: "delivered", id: "the id", age: "1 hour" }))
          assert.strictEqual(readdirSync(place).length, 1)
        })
      )
      assert.deepStrictEqual(readdirSync(place), [])
    })
  )

  it.scopedLive("a journal in a directory without write permission fails at once", () =>
    Effect.gen(function* () {
      const opened = FileJournal.make({ directory: "/proc/nowhere" }).pipe(Effect.provide(Node))
      const error = yield* Effect.flip(opened)
      assert.deepStrictEqual([error._tag, error.reason, error.isRetryable], ["JournalFailed", "Unavailable", true])
    })
  )
})
