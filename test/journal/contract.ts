/**
 * The contract of every journal that several programs can open (`JobJournal.Service`), whatever its store.
 *
 * All time is virtual. A store outside of this process replies in real time, so that its place says how to wait until
 * it is idle.
 */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Clock, Duration, Effect, Either, Exit, Fiber, Redacted, Scope, TestClock } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import { describeEntries, type EntryOptions, entry } from "./entries.js"

/** Where a journal is stored. */
export interface Place {
  /** Opens it as one more owner, which renews its lease until the scope closes, and then leaves. */
  readonly open: Effect.Effect<JobJournal.Service, unknown, Scope.Scope>
  /** Stores this text in place of an entry of a dead owner. */
  readonly plant: (text: string) => Effect.Effect<void, unknown>
  /** Waits, in real time, until nothing but sleepers is active. */
  readonly settle: Effect.Effect<void>
}

/** The lease of the journals of a place. */
export const lease = Duration.seconds(10)
const leaseMillis = Duration.toMillis(lease)

const key = (name: string) => JobJournal.EntryKey.make(name)

/** A clock that can be set, and that can stop all sleepers, like that of a stopped or starved process. */
const ownClock = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const awake = yield* Effect.makeLatch(true)
  let ahead = 0
  const own: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + ahead,
    // this one is never set
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + ahead),
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => Effect.zipRight(clock.sleep(duration), awake.await)
  }
  return {
    clock: own,
    jump: (by: Duration.DurationInput, direction: 1 | -1 = 1) =>
      Effect.sync(() => {
        ahead += direction * Duration.toMillis(by)
      }),
    stop: awake.close,
    goOn: awake.open
  }
})

/** One owner: its journal, its clock, and its end. */
export const owner = (place: Place) =>
  Effect.gen(function* () {
    const own = yield* ownClock
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const opened = yield* Effect.withClock(Scope.extend(Effect.orDie(place.open), scope), own.clock)
    const journal: JobJournal.Operations = {
      write: (entry) => Effect.withClock(opened.write(entry), own.clock),
      holds: (key) => Effect.withClock(opened.holds(key), own.clock),
      entries: Effect.withClock(opened.entries, own.clock),
      takeOver: Effect.withClock(opened.takeOver, own.clock)
    }
    const write = (options: EntryOptions) => Effect.flatMap(entry(options), journal.write)
    return { ...journal, ...own, writeState: write, leave: Scope.close(scope, Exit.void) }
  })

/** Lets time pass in small steps, with all that owners do in it. */
export const pass = (place: Pick<Place, "settle">, duration: Duration.DurationInput) => {
  const step = leaseMillis / 20
  return Effect.repeatN(
    Effect.zipRight(TestClock.adjust(step), place.settle),
    Math.ceil(Duration.toMillis(duration) / step) - 1
  )
}

/** Lets time pass until a program is over, and returns how much. */
export const during = <A, E, R>(place: Pick<Place, "settle">, program: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(program)
    yield* place.settle
    while ((yield* Fiber.poll(fiber))._tag === "None") {
      if ((yield* Clock.currentTimeMillis) - started > 20 * leaseMillis) {
        yield* Fiber.interruptFork(fiber)
        return yield* Effect.dieMessage("the program is not over after twenty leases")
      }
      yield* pass(place, leaseMillis / 20)
    }
    const value = yield* Fiber.join(fiber)
    return { value, took: (yield* Clock.currentTimeMillis) - started }
  })

export const nothing: JobJournal.TakenOver = { entries: [], newer: 0, unreadable: 0 }

export const reasonOf = <A, R>(effect: Effect.Effect<A, { readonly reason: string }, R>) =>
  Effect.map(Effect.either(effect), Either.match({ onLeft: ({ reason }) => reason, onRight: () => "written" }))

/** The cases of the contract, for a place that is new each time. */
export const journalContract = (name: string, place: Effect.Effect<Place, unknown, Scope.Scope>): void => {
  describe(`${name}: the contract of journals`, () => {
    const check = (title: string, run: (place: Place) => Effect.Effect<void, unknown, Scope.Scope>) =>
      it.scoped(title, () => Effect.flatMap(place, run))

    check("an entry has the state that was written last", (place) =>
      Effect.gen(function* () {
        const mine = yield* owner(place)
        yield* mine.writeState({ key: "a" })
        yield* mine.writeState({ key: "b" })
        const last = yield* entry({ key: "a", state: "live", id: "the-server's-id" })
        yield* mine.write(last)

        const all = yield* mine.entries
        expect(describeEntries(all)).toEqual(["a live", "b intent"])
        const found = all.find((it) => it.key === "a")
        expect(found).toEqual(last)
        expect(found?.id && Redacted.value(found.id)).toBe("the-server's-id")
        expect(yield* mine.holds(key("a"))).toBe(true)
      })
    )

    check("concurrent writes of several entries are all stored", (place) =>
      Effect.gen(function* () {
        const [one, two] = [yield* owner(place), yield* owner(place)]
        const write = (journal: JobJournal.Operations, name: string) =>
          Effect.forEach(
            Chunk.range(1, 25),
            (at) => Effect.flatMap(entry({ key: `${name}-${at}`, state: "live", id: `${at}` }), journal.write),
            { concurrency: "unbounded", discard: true }
          )
        yield* during(place, Effect.all([write(one, "one"), write(two, "two")], { concurrency: 2 }))
        expect((yield* one.entries).length).toBe(50)
        expect(describeEntries(yield* one.entries)).toEqual(describeEntries(yield* two.entries))
      })
    )

    check("the last of several concurrent writes of one entry wins", (place) =>
      Effect.gen(function* () {
        const mine = yield* owner(place)
        const keys = Chunk.toReadonlyArray(Chunk.map(Chunk.range(1, 10), String))
        const states = ["intent", "live", "finished", "delivered"] as const
        const writes = states.flatMap((state) => keys.map((key) => mine.writeState({ key, state })))
        yield* during(place, Effect.all(writes, { concurrency: "unbounded" }))
        expect(describeEntries(yield* mine.entries)).toEqual(keys.map((key) => `${key} delivered`).sort())
      })
    )

    check("only the owner of an entry can write it", (place) =>
      Effect.gen(function* () {
        const [mine, theirs] = [yield* owner(place), yield* owner(place)]
        yield* mine.writeState({ key: "a", state: "live" })

        expect(describeEntries(yield* theirs.entries)).toEqual(["a live"])
        expect(yield* theirs.holds(key("a"))).toBe(false)
        expect(yield* reasonOf(theirs.writeState({ key: "a", state: "cancelled" }))).toBe("NotMine")
        expect(describeEntries(yield* mine.entries)).toEqual(["a live"])
        expect(yield* mine.holds(key("a"))).toBe(true)
      })
    )

    check("a take-over without other owners returns nothing", (place) =>
      Effect.gen(function* () {
        const mine = yield* owner(place)
        expect((yield* during(place, mine.takeOver)).value).toEqual(nothing)
        yield* mine.writeState({ key: "a", state: "live" })
        expect((yield* during(place, mine.takeOver)).value).toEqual(nothing)
        expect(yield* mine.holds(key("a"))).toBe(true)
      })
    )

    check("open entries pass at once from an owner that left", (place) =>
      Effect.gen(function* () {
        const gone = yield* owner(place)
        for (const state of ["intent", "live", "finished", "delivered", "cancelled"] as const) {
          yield* gone.writeState({ key: state, state, ...(state === "intent" ? {} : { id: `id of ${state}` }) })
        }
        yield* gone.leave

        const mine = yield* owner(place)
        expect(yield* mine.holds(key("live"))).toBe(false)
        const { took, value } = yield* during(place, mine.takeOver)
        expect(describeEntries(value.entries)).toEqual(["finished finished", "intent intent", "live live"])
        expect([value.newer, value.unreadable, took]).toEqual([0, 0, 0])

        expect(yield* mine.holds(key("live"))).toBe(true)
        yield* mine.writeState({ key: "live", state: "finished", id: "id of live" })
        expect(describeEntries(yield* mine.entries)).toEqual([
          "cancelled cancelled",
          "delivered delivered",
          "finished finished",
          "intent intent",
          "live finished"
        ])
        // a second take-over finds nothing
        expect((yield* during(place, mine.takeOver)).value).toEqual(nothing)
      })
    )

    check("entries that were taken over pass on when their new owner leaves", (place) =>
      Effect.gen(function* () {
        const first = yield* owner(place)
        yield* first.writeState({ key: "a", state: "live" })
        yield* first.leave
        const second = yield* owner(place)
        yield* during(place, second.takeOver)
        yield* second.leave
        const third = yield* owner(place)
        const { took, value } = yield* during(place, third.takeOver)
        expect(describeEntries(value.entries)).toEqual(["a live"])
        expect(took).toBe(0)
        expect(yield* third.holds(key("a"))).toBe(true)
      })
    )

    check("open entries pass from a silent owner after one lease, and not earlier", (place) =>
      Effect.gen(function* () {
        const silent = yield* owner(place)
        yield* silent.writeState({ key: "a", state: "live" })
        yield* silent.writeState({ key: "b", state: "delivered" })
        yield* silent.stop
        // however long ago its last renewal is: no other owner has observed it
        yield* pass(place, Duration.times(lease, 3))

        const mine = yield* owner(place)
        const { took, value } = yield* during(place, mine.takeOver)
        expect(describeEntries(value.entries)).toEqual(["a live"])
        expect(took).toBeGreaterThanOrEqual(leaseMillis)
        expect(took).toBeLessThan(2 * leaseMillis)
        expect(yield* mine.holds(key("a"))).toBe(true)
      })
    )

    check("repeated take-overs get no entries of a living owner", (place) =>
      Effect.gen(function* () {
        const [living, mine] = [yield* owner(place), yield* owner(place)]
        yield* living.writeState({ key: "a", state: "live" })
        for (let round = 0; round < 4; round++) {
          expect((yield* during(place, mine.takeOver)).value).toEqual(nothing)
        }
        yield* living.writeState({ key: "a", state: "finished" })
        expect(yield* living.holds(key("a"))).toBe(true)
      })
    )

    check("each entry goes to one of two concurrent take-overs", (place) =>
      Effect.gen(function* () {
        const [gone, silent] = [yield* owner(place), yield* owner(place)]
        for (let at = 0; at < 5; at++) {
          yield* gone.writeState({ key: `gone-${at}`, state: "live" })
          yield* silent.writeState({ key: `silent-${at}`, state: "live" })
        }
        yield* gone.leave
        yield* silent.stop

        const rivals = [yield* owner(place), yield* owner(place)]
        const takes = Effect.forEach(rivals, ({ takeOver }) => takeOver, { concurrency: "unbounded" })
        const { value } = yield* during(place, takes)
        const keys = value.map(({ entries }) => entries.map(({ key }) => key))
        expect(keys.flat().sort()).toEqual(
          ["gone", "silent"].flatMap((name) => [0, 1, 2, 3, 4].map((at) => `${name}-${at}`))
        )
        for (const [at, rival] of rivals.entries()) {
          for (const it of keys.flat()) expect(yield* rival.holds(it)).toBe(keys[at]?.includes(it))
        }
      })
    )

    check("an owner that was treated as dead cannot write its old entries, and can write new ones", (place) =>
      Effect.gen(function* () {
        const late = yield* owner(place)
        yield* late.writeState({ key: "a", state: "live" })
        yield* late.writeState({ key: "b", state: "live" })
        yield* late.stop
        const mine = yield* owner(place)
        expect(describeEntries((yield* during(place, mine.takeOver)).value.entries)).toEqual(["a live", "b live"])
        yield* mine.writeState({ key: "a", state: "finished" })

        // it resumes, and has not noticed its loss
        yield* late.goOn
        expect(yield* late.holds(key("a"))).toBe(false)
        expect(yield* reasonOf(late.writeState({ key: "a", state: "cancelled" }))).toBe("NotMine")
        expect(yield* reasonOf(late.writeState({ key: "b", state: "cancelled" }))).toBe("NotMine")
        expect(describeEntries(yield* mine.entries)).toEqual(["a finished", "b live"])

        yield* pass(place, lease)
        yield* late.writeState({ key: "c", state: "live" })
        expect(yield* late.holds(key("c"))).toBe(true)
        expect(yield* reasonOf(late.writeState({ key: "b", state: "cancelled" }))).toBe("NotMine")
        // and all others see it as alive again
        expect((yield* during(place, mine.takeOver)).value).toEqual(nothing)
        expect(yield* late.holds(key("c"))).toBe(true)
        // until it leaves
        yield* late.leave
        expect(describeEntries((yield* during(place, mine.takeOver)).value.entries)).toEqual(["c live"])
      })
    )

    check("an entry that was taken over, ended and removed does not return", (place) =>
      Effect.gen(function* () {
        const late = yield* owner(place)
        yield* late.writeState({ key: "a", state: "live" })
        yield* late.stop
        const mine = yield* owner(place)
        yield* during(place, mine.takeOver)
        yield* mine.writeState({ key: "a", state: "delivered", age: "1 day" })
        yield* pass(place, Duration.times(lease, 2))
        expect(yield* mine.entries).toEqual([])

        yield* late.goOn
        yield* pass(place, lease)
        expect(yield* reasonOf(late.writeState({ key: "a", state: "cancelled" }))).toBe("NotMine")
        expect(yield* mine.entries).toEqual([])
      })
    )

    check("an owner that was treated as dead can write a new entry at once", (place) =>
      Effect.gen(function* () {
        const late = yield* owner(place)
        yield* late.writeState({ key: "a", state: "live" })
        yield* late.stop
        const mine = yield* owner(place)
        yield* during(place, mine.takeOver)
        yield* late.writeState({ key: "b" })
        expect(yield* late.holds(key("b"))).toBe(true)
        expect(describeEntries(yield* mine.entries)).toEqual(["a live", "b intent"])
      })
    )

    check("changes of the wall clock make no owner dead", (place) =>
      Effect.gen(function* () {
        const [living, mine] = [yield* owner(place), yield* owner(place)]
        yield* living.writeState({ key: "a", state: "live" })
        for (const [jumping, direction] of [
          [living, 1],
          [mine, 1],
          [living, -1],
          [mine, -1]
        ] as const) {
          const jump = Effect.delay(jumping.jump("3 days", direction), Duration.times(lease, 0.45))
          const { value } = yield* during(place, Effect.zipLeft(mine.takeOver, jump, { concurrent: true }))
          expect(value).toEqual(nothing)
        }
        expect(yield* living.holds(key("a"))).toBe(true)
        yield* living.writeState({ key: "a", state: "finished" })
      })
    )

    check("records of a later version are kept and counted, and damaged ones counted", (place) =>
      Effect.gen(function* () {
        yield* place.plant(JSON.stringify({ version: 2, whatever: ["there", "will", "be"] }))
        yield* place.plant(JSON.stringify({ version: 3 }))
        yield* place.plant('{"version":1,"key":"to')
        const gone = yield* owner(place)
        yield* gone.writeState({ key: "a", state: "live" })
        yield* gone.leave

        const mine = yield* owner(place)
        const { value } = yield* during(place, mine.takeOver)
        expect([describeEntries(value.entries), value.newer, value.unreadable]).toEqual([["a live"], 2, 1])
        expect(describeEntries(yield* mine.entries)).toEqual(["a live"])
        yield* mine.writeState({ key: "a", state: "delivered", age: "1 day" })
        yield* pass(place, Duration.times(lease, 2))
        yield* mine.leave

        const next = yield* owner(place)
        expect((yield* during(place, next.takeOver)).value.newer).toBe(2)
      })
    )

    check("old ends are removed, and open entries stay at any age", (place) =>
      Effect.gen(function* () {
        const mine = yield* owner(place)
        for (const state of ["intent", "live", "finished", "delivered", "cancelled"] as const) {
          yield* mine.writeState({ key: `old ${state}:`, state, age: "31 minutes" })
          yield* mine.writeState({ key: `new ${state}:`, state, age: "29 minutes" })
        }
        yield* pass(place, Duration.times(lease, 2))
        expect(describeEntries(yield* mine.entries)).toEqual([
          "new cancelled: cancelled",
          "new delivered: delivered",
          "new finished: finished",
          "new intent: intent",
          "new live: live",
          "old finished: finished",
          "old intent: intent",
          "old live: live"
        ])
      })
    )
  })
}
