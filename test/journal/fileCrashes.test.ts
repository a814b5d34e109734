/**
 * The journal in files, with a fault at every operation of a process: it is killed, it stops for longer than its lease,
 * or the power fails. No entry is lost, and none has two owners.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { isOpen } from "effect-horde/JobJournal"
import type * as Disk from "../support/disk.js"
import * as QuickClock from "../support/quickClock.js"
import { describeEntries, type EntryOptions } from "./entries.js"
import { inTwoTrees, type Owner, type OwnerOptions, type World, world } from "./fileOwners.js"

const range = (length: number): ReadonlyArray<number> => Array.from(Array(length).keys())

/** Random numbers from 0 to 1, the same for the same seed. */
const chances = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** How many operations a process needs for an effect without faults. */
const operationsOf = (program: (meet: (process: Disk.Process) => void) => Effect.Effect<void>) =>
  Effect.suspend(() => {
    let seen: Disk.Process | undefined
    let before = 0
    return Effect.map(
      program((process) => {
        seen = process
        before = process.operations.length
      }),
      () => (seen?.operations.length ?? 0) - before
    )
  })

const order = ["intent", "live", "finished", "delivered"]

/** The last state that a process wrote of each entry, and the last that was confirmed as safe. */
interface Lived {
  readonly asked: Map<string, EntryOptions>
  readonly safe: Map<string, EntryOptions>
}

/** Lets one process after the other take over what a crash has left, and asserts what the first of them found. */
const afterwards = (place: World, { asked, safe }: Lived) =>
  Effect.gen(function* () {
    const { disk, owner } = place
    assert.deepStrictEqual(inTwoTrees(place), [])
    const next = yield* owner()
    const taken = yield* next.takeOver
    const all = yield* next.entries
    for (const { age, key, state = "intent" } of safe.values()) {
      const found = all.find((entry) => entry.key === key)?.state
      // an old end may be gone or still be stored; an unconfirmed write may have succeeded
      if (found === undefined) assert.isDefined(asked.get(key)?.age, key)
      else assert.isAtLeast(order.indexOf(found), order.indexOf(age === undefined ? state : "delivered"), key)
    }
    const open = all.filter(isOpen)
    assert.deepStrictEqual(describeEntries(taken.entries), describeEntries(open))
    const names = open.map(({ key }) => key)
    assert.deepStrictEqual(yield* next.held(...names), names)
    assert.deepStrictEqual((yield* (yield* owner()).takeOver).entries, [])
    // and the entries that it has taken survive the next power cut
    disk.powerCut()
    assert.deepStrictEqual(describeEntries((yield* (yield* owner()).takeOver).entries), describeEntries(open))
  })

/** A process that uses all operations of a journal. */
const life = ({ owner }: World, options: OwnerOptions, isLastDelivered: boolean) =>
  Effect.gen(function* () {
    const asked = new Map<string, EntryOptions>()
    const safe = new Map<string, EntryOptions>()
    const write = (mine: Owner, options: EntryOptions) =>
      Effect.suspend(() => {
        asked.set(options.key, options)
        return Effect.map(mine.put(options), () => void safe.set(options.key, options))
      })
    const gone = yield* owner()
    yield* write(gone, { key: "old a", state: "live" })
    yield* write(gone, { key: "old b" })
    gone.process.kill()
    yield* Effect.ignore(
      Effect.gen(function* () {
        const mine = yield* owner(options)
        yield* write(mine, { key: "new a" })
        yield* write(mine, { key: "new a", state: "live", id: "the id" })
        yield* mine.takeOver
        yield* write(mine, { key: "old a", state: "finished" })
        yield* Effect.forEach(["b", "c"], (name) => write(mine, { key: `new ${name}` }), { concurrency: "unbounded" })
        if (isLastDelivered) {
          for (const key of safe.keys()) yield* write(mine, { key, state: "delivered", age: "1 hour" })
        }
        yield* mine.leave
      })
    )
    return { asked, safe }
  })

describe("power cuts", () => {
  const check = (isLastDelivered: boolean, longest: number) =>
    Effect.gen(function* () {
      const run = (process: (process: Disk.Process) => void) =>
        Effect.scoped(Effect.asVoid(Effect.orDie(life(world(), { process, longest }, isLastDelivered))))
      const count = yield* operationsOf(run)
      assert.isAbove(count, 40)
      for (const at of range(count + 1)) {
        for (const seed of [undefined, at]) {
          const program = Effect.gen(function* () {
            const place = world()
            const killed = (process: Disk.Process) => process.faultAt("kill", at)
            const lived = yield* life(place, { process: killed, longest }, isLastDelivered)
            place.disk.powerCut(seed === undefined ? undefined : chances(seed))
            yield* afterwards(place, lived)
          })
          yield* Effect.annotateLogs(Effect.scoped(program), { at, seed })
        }
      }
    })

  it.effect("a power cut at any operation loses no confirmed entry", () => check(false, 5000))

  it.effect("a power cut at any operation restores no entry that was over", () => check(true, 5000))

  it.effect("a power cut loses no entry of an owner that came after one that was killed as it opened the journal", () =>
    Effect.gen(function* () {
      const count = (yield* Effect.scoped(world().owner())).process.operations.length
      for (const at of range(count + 1)) {
        const program = Effect.gen(function* () {
          const { disk, owner } = world()
          yield* Effect.ignore(owner({ process: (process) => process.faultAt("kill", at) }))
          yield* (yield* owner()).put({ key: "a", state: "live" })
          disk.powerCut()
          assert.deepStrictEqual(describeEntries((yield* (yield* owner()).takeOver).entries), ["a live"], `${at}`)
        })
        yield* Effect.scoped(program)
      }
    })
  )

  it.effect("a power cut during a compaction loses no entry and restores none", () => check(true, 4))
})

/** A journal with a dead owner of these entries. */
const withDead = (...keys: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const place = world()
    const dead = yield* place.owner()
    for (const key of keys) yield* dead.put({ key, state: "live", id: `id of ${key}` })
    dead.process.kill()
    return place
  })

const names = ["a", "b", "c"]

/** Asserts that each entry is held by one owner, or by one at most if `some`. */
const assertHeldOnce = (owners: ReadonlyArray<Owner>, message: string, some = false) =>
  Effect.gen(function* () {
    const held = (yield* Effect.forEach(owners, (owner) => owner.held(...names))).flat().sort()
    assert.strictEqual(new Set(held).size, held.length, `two owners: ${held} (${message})`)
    if (!some) assert.deepStrictEqual(held, names, message)
  })

const takeOverOperations = operationsOf((meet) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { owner } = yield* withDead(...names)
      const mine = yield* owner()
      meet(mine.process)
      yield* mine.takeOver
    })
  ).pipe(Effect.orDie)
)

describe("kills during take-overs", () => {
  it.effect("repeated kills during a take-over lose no entry", () =>
    Effect.gen(function* () {
      const count = yield* takeOverOperations
      assert.isAbove(count, 15)
      for (const first of range(count)) {
        // the second of them has more operations than the first; its waiting is not tested
        for (const second of first < count - 15 ? [first] : range(count + 10).slice(-25)) {
          const program = Effect.gen(function* () {
            const place = yield* withDead(...names)
            const { files, owner } = place
            for (const at of [first, second]) {
              const killed = yield* owner()
              killed.process.faultAt("kill", at)
              yield* Effect.ignore(killed.takeOver)
              killed.process.kill()
              assert.deepStrictEqual(inTwoTrees(place), [], `${first} ${second}`)
            }
            const last = yield* owner()
            const taken = yield* last.takeOver
            assert.deepStrictEqual(describeEntries(taken.entries), ["a live", "b live", "c live"], `${first} ${second}`)
            yield* assertHeldOnce([last], `${first} ${second}`)
            assert.strictEqual(files().size, 1)
          })
          yield* Effect.scoped(program)
        }
      }
    })
  )
})

describe("owners that stop for longer than their lease", () => {
  /** Starts a take-over, and stops before one of its operations. */
  const stalling = ({ clock, owner }: World, at: number) =>
    Effect.gen(function* () {
      const mine = yield* owner()
      mine.process.faultAt("stall", at)
      const fiber = yield* Effect.fork(mine.takingOver)
      yield* clock.pass("12 seconds")
      return { mine, fiber }
    })

  it.effect("an owner that stops during a take-over never holds an entry of another owner", () =>
    Effect.gen(function* () {
      const count = yield* takeOverOperations
      for (const at of range(count)) {
        const program = Effect.gen(function* () {
          const place = yield* withDead(...names)
          const { fiber, mine } = yield* stalling(place, at)
          const rival = yield* place.owner()
          yield* rival.takeOver
          mine.process.resume()
          yield* place.clock.pass("25 seconds")
          yield* Fiber.await(fiber)
          yield* assertHeldOnce([mine, rival], `${at}`)
          assert.deepStrictEqual(describeEntries(yield* mine.entries), ["a live", "b live", "c live"])
          assert.strictEqual(yield* mine.tryPut({ key: "d" }), "written")
        })
        yield* Effect.scoped(program)
      }
    })
  )

  it.effect("two owners that stop during a take-over, and a third one, share no entry", () =>
    Effect.gen(function* () {
      const count = yield* takeOverOperations
      for (const first of range(count)) {
        for (const second of range(count).filter((at) => at % 4 === first % 4)) {
          const message = `${first} ${second}`
          const program = Effect.gen(function* () {
            const place = yield* withDead(...names)
            const one = yield* stalling(place, first)
            const two = yield* stalling(place, second)
            const third = yield* place.owner()
            yield* third.takeOver
            for (const { mine } of first % 2 === 0 ? [one, two] : [two, one]) {
              mine.process.resume()
              yield* place.clock.pass("1 second")
            }
            yield* place.clock.pass("25 seconds")
            yield* Effect.all([Fiber.await(one.fiber), Fiber.await(two.fiber)])
            const owners = [one.mine, two.mine, third]
            yield* assertHeldOnce(owners, message, true)
            // entries that were only claimed by an owner that lost its own file are found again
            const last = yield* place.owner()
            yield* last.takeOver
            yield* assertHeldOnce([...owners, last], message)
          })
          yield* Effect.scoped(program)
        }
      }
    })
  )

  it.effect("an owner that stops during a write gets the true result of the write and continues", () =>
    Effect.gen(function* () {
      const run = (at: number | undefined) =>
        Effect.gen(function* () {
          const { clock, owner } = world()
          const mine = yield* owner()
          yield* mine.put({ key: "a", state: "live" })
          const before = mine.process.operations.length
          if (at !== undefined) mine.process.faultAt("stall", at)
          const write = yield* Effect.fork(mine.tryPut({ key: "b" }))
          yield* QuickClock.settled
          const rival = yield* owner()
          const count = mine.process.operations.length - before
          if (at === undefined) return count
          const taken = yield* rival.takeOver
          mine.process.resume()
          const outcome = yield* Fiber.join(write)
          yield* clock.pass("10 seconds")
          const [held, theirs] = [yield* mine.held("a", "b"), yield* rival.held("a", "b")]
          if (outcome === "written") assert.deepStrictEqual([held, theirs], [["b"], ["a"]])
          else {
            assert.deepStrictEqual([outcome, held, theirs[0]], ["NotMine", [], "a"])
            // the owner that has taken over may know of it
            assert.strictEqual(yield* mine.tryPut({ key: "b" }), "NotMine")
          }
          assert.deepStrictEqual(describeEntries(taken.entries).length, theirs.length)
          assert.strictEqual(yield* mine.tryPut({ key: "a", state: "finished" }), "NotMine")
          assert.strictEqual(yield* mine.tryPut({ key: "c" }), "written")
          assert.deepStrictEqual(yield* mine.held("a", "c"), ["c"])
          return outcome === "written" ? 1 : 0
        })
      const count = yield* Effect.scoped(run(undefined))
      const written = yield* Effect.forEach(range(count), (at) => Effect.scoped(run(at)))
      assert.include(written, 1)
      assert.include(written, 0)
    })
  )
})

describe("concurrent take-overs", () => {
  it.effect("six concurrent owners share the entries of dead owners", () =>
    Effect.gen(function* () {
      const place = yield* withDead(...names)
      for (const name of ["d", "e", "f"]) {
        const dead = yield* place.owner()
        yield* dead.put({ key: name, state: "live" })
        dead.process.kill()
      }
      const rivals = yield* Effect.replicateEffect(place.owner(), 6)
      const fibers = yield* Effect.forEach(rivals, ({ takingOver }) => Effect.fork(takingOver))
      yield* place.clock.pass("12 seconds")
      const taken = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      const all = ["a", "b", "c", "d", "e", "f"]
      assert.deepStrictEqual(
        describeEntries(taken.flatMap(({ entries }) => entries)),
        all.map((name) => `${name} live`)
      )
      const held = yield* Effect.forEach(rivals, (rival) => rival.held(...all))
      assert.deepStrictEqual(held.flat().sort(), all)
    }).pipe(Effect.scoped)
  )
})

describe("compactions", () => {
  /** An owner with three open entries and a file that is one line short of a compaction; then it writes one more. */
  const atTheEdge = ({ owner }: World) =>
    Effect.gen(function* () {
      const mine = yield* owner({ longest: 30 })
      for (const key of names) yield* mine.put({ key, state: "live" })
      for (const _ of range(26)) yield* mine.put({ key: "a", state: "live" })
      return mine
    })

  const renewal = operationsOf((meet) =>
    Effect.scoped(
      Effect.gen(function* () {
        const place = world()
        const mine = yield* atTheEdge(place)
        const [before] = place.files().keys()
        meet(mine.process)
        yield* mine.put({ key: "a", state: "finished" })
        assert.notDeepEqual([...place.files().keys()], [before])
        assert.strictEqual(place.files().size, 1)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("a kill during a compaction loses no entry", () =>
    Effect.gen(function* () {
      for (const at of range(yield* renewal)) {
        const program = Effect.gen(function* () {
          const place = world()
          const mine = yield* atTheEdge(place)
          mine.process.faultAt("kill", at)
          yield* Effect.ignore(mine.put({ key: "a", state: "finished" }))
          mine.process.kill()
          const next = yield* place.owner()
          assert.strictEqual((yield* next.takeOver).entries.length, 3)
          yield* assertHeldOnce([next], `${at}`)
          assert.strictEqual(place.files().size, 1)
        })
        yield* Effect.scoped(program)
      }
    })
  )

  it.effect("a failed operation of a compaction loses no entry, and the compaction is done later", () =>
    Effect.gen(function* () {
      for (const at of range(yield* renewal)) {
        const program = Effect.gen(function* () {
          const place = world()
          const mine = yield* atTheEdge(place)
          mine.process.faultAt("fail", at)
          const outcome = yield* mine.tryPut({ key: "a", state: "finished" })
          yield* assertHeldOnce([mine], `${at}`)
          yield* mine.put({ key: "b", state: "finished" })
          yield* place.clock.pass("10 seconds")
          assert.strictEqual(place.files().size, 1)
          const lines = [...place.files().values()].join("").split("\n").length
          assert.isBelow(lines, 20, `${at}`)
          mine.process.kill()
          const next = yield* place.owner()
          const a = outcome === "written" ? "a finished" : "a live"
          assert.deepStrictEqual(describeEntries((yield* next.takeOver).entries), [a, "b finished", "c live"])
        })
        yield* Effect.scoped(program)
      }
    })
  )

  it.effect("a reader during a compaction misses no entry", () =>
    Effect.gen(function* () {
      const reading = (at: number) =>
        Effect.gen(function* () {
          const place = world()
          const reader = yield* place.owner()
          const mine = yield* atTheEdge(place)
          const before = reader.process.operations.length
          reader.process.faultAt("stall", at)
          const entries = yield* Effect.fork(reader.entries)
          yield* QuickClock.settled
          yield* mine.put({ key: "a", state: "finished" })
          reader.process.resume()
          assert.include(["a finished", "a live"], describeEntries(yield* Fiber.join(entries))[0])
          assert.strictEqual((yield* Fiber.join(entries)).length, 3, `${at}`)
          return reader.process.operations.length - before
        })
      const count = yield* Effect.scoped(reading(0))
      for (const at of range(count)) yield* Effect.scoped(reading(at))
    })
  )

  it.effect("an owner that stops during a compaction shares no entry", () =>
    Effect.gen(function* () {
      for (const at of range(yield* renewal)) {
        const program = Effect.gen(function* () {
          const place = world()
          const mine = yield* atTheEdge(place)
          mine.process.faultAt("stall", at)
          const write = yield* Effect.fork(mine.tryPut({ key: "a", state: "finished" }))
          yield* QuickClock.settled
          const rival = yield* place.owner()
          yield* rival.takeOver
          mine.process.resume()
          yield* Fiber.await(write)
          yield* place.clock.pass("25 seconds")
          yield* assertHeldOnce([mine, rival], `${at}`)
          assert.strictEqual(yield* mine.tryPut({ key: "d" }), "written")
        })
        yield* Effect.scoped(program)
      }
    })
  )
})

describe("files that cannot be removed", () => {
  for (const isKilled of [true, false]) {
    it.scoped(
      `a file that cannot be removed restores no entry that was over, when its owner ${isKilled ? "is killed" : "leaves"}`,
      () =>
        Effect.gen(function* () {
          const { files, owner } = yield* withDead(...names)
          const mine = yield* owner({ longest: 10 })
          mine.process.refuse(/^remove .*taken-by/)
          assert.strictEqual((yield* mine.takeOver).entries.length, 3)
          assert.strictEqual((yield* mine.takeOver).entries.length, 0)
          for (const key of names) yield* mine.put({ key, state: "delivered", age: "1 hour" })
          for (const _ of range(20)) yield* mine.put({ key: "x", state: "delivered", age: "1 hour" })
          if (isKilled) mine.process.kill()
          yield* mine.leave
          const next = yield* owner()
          assert.deepStrictEqual(yield* next.entries, [])
          assert.deepStrictEqual((yield* next.takeOver).entries, [])
          assert.strictEqual(files().size, 1)
          assert.notInclude([...files().values()].join(), "delivered")
        })
    )
  }

  it.scoped("a file that could not be removed is removed as soon as possible", () =>
    Effect.gen(function* () {
      const { clock, files, owner } = yield* withDead(...names)
      const mine = yield* owner()
      const before = mine.process.operations.length
      mine.process.refuse(/^remove/, 1)
      yield* mine.takeOver
      assert.include(mine.process.operations.slice(before).join(), "remove")
      assert.strictEqual(files().size, 2)
      yield* clock.pass("4 seconds")
      assert.strictEqual(files().size, 1)
    })
  )
})
