/** An aborted recovery loses nothing: the next one completes it. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect, Exit, Fiber, Option, Scope } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "../support/disk.js"
import { inIds, live, lost } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { clearFaults, jobOutcomes, jobs, runToEnd, script, small } from "../support/virtualTime.js"

const idle = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false }, limits: "raised" }))

const recover = (program: Programs.Program, policy: Recovery.Policy) =>
  program.run(Recovery.recover({ kinds: [ImageGeneration.kind], policy }))

/** A disk on which a killed program has left a live job and a submit without a reply. */
const left = Effect.gen(function* () {
  const disk = Disk.make()
  const dead = yield* Programs.start(disk)
  yield* live(dead, small("live"))
  yield* lost(dead, small("lost"))
  yield* dead.kill
  return disk
})

/** Runs a part of a program that is killed at an operation of its disk, or at the end. Returns whether it was reached. */
const killAt = <A, E>(program: Programs.Program, at: number, part: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    program.disk.faultAt("kill", at)
    const fiber = yield* Effect.forkDaemon(Effect.exit(part))
    // after its death it may wait forever
    const killed = Effect.repeat(Effect.sleep("5 seconds"), { until: () => program.disk.isKilled() })
    yield* runToEnd(Effect.raceFirst(Fiber.await(fiber), killed), "5 seconds")
    const isReached = program.disk.isKilled()
    yield* program.kill
    yield* Fiber.interruptFork(fiber)
    return isReached
  })

/** Runs an effect in a new environment for each number, until the number exceeds the effect's operations. */
const sweep = (
  every: number,
  least: number,
  check: (at: number) => Effect.Effect<"cut short" | "not reached", unknown, Scope.Scope>
) =>
  Effect.gen(function* () {
    let at = 0
    while ((yield* Effect.scoped(check(at))) === "cut short") at += every
    assert.isAtLeast(at, least)
  })

describe("aborted recoveries", () => {
  const killedAt = (policy: Recovery.Policy) => (at: number) =>
    Effect.gen(function* () {
      const disk = yield* left
      const victim = yield* Programs.start(disk)
      const scope = yield* Scope.make()
      const isCut = yield* killAt(victim, at, Scope.extend(recover(victim, policy), scope))
      const next = yield* Programs.start(disk)
      const found = yield* runToEnd(Effect.scoped(recover(next, "cancel")), "20 seconds")
      const ends = (yield* jobs).map(({ state }) => state)
      assert.deepStrictEqual(ends, ["cancelled", "cancelled"], `killed at operation ${at}`)
      assert.isTrue(found.unknown.every(({ outcome }) => outcome === "found"))
      assert.deepStrictEqual(yield* next.run(Programs.states), ["cancelled", "cancelled"])
      return isCut ? "cut short" : "not reached"
    }).pipe(idle)

  it.effect("a recovery that is killed at any disk operation while it cancels loses nothing", () =>
    sweep(3, 20, killedAt("cancel"))
  )

  it.effect("a recovery that is killed at any disk operation while it resumes loses nothing", () =>
    sweep(6, 20, (at) => killedAt("resume")(at + 1))
  )

  it.effect("a recovery whose disk fails at any operation loses nothing", () =>
    sweep(4, 20, (at) =>
      Effect.gen(function* () {
        const disk = yield* left
        const program = yield* Programs.start(disk)
        const before = program.disk.operations.length
        program.disk.faultAt("fail", at)
        const cancel = runToEnd(Effect.exit(Effect.scoped(recover(program, "cancel"))), "20 seconds")
        yield* cancel
        const isCut = program.disk.operations.length >= before + at
        yield* cancel
        const ends = (yield* jobs).map(({ state }) => state)
        assert.deepStrictEqual(ends, ["cancelled", "cancelled"], `failed at operation ${at}`)
        return isCut ? "cut short" : "not reached"
      }).pipe(idle)
    )
  )

  it.effect("a recovery that is interrupted at any step loses nothing", () =>
    Effect.gen(function* () {
      let finished = 0
      for (let step = 0; step < 400; step += 11) {
        yield* Effect.gen(function* () {
          const disk = Disk.make()
          const gone = yield* Programs.start(disk)
          // a program that ends normally, and whose cancels fail, so that its lease is over at once
          yield* live(gone, small("one"))
          yield* live(gone, small("two"))
          yield* script(Faults.reset("before", { method: "DELETE" }))
          yield* runToEnd(gone.leave)
          yield* clearFaults
          const program = yield* Programs.start(disk)
          const fiber = yield* Effect.fork(
            Effect.scoped(Effect.withMaxOpsBeforeYield(recover(program, "cancel"), 10 + (step % 7)))
          )
          for (let at = 0; at < step; at++) yield* Effect.yieldNow()
          yield* Fiber.interrupt(fiber)
          if (Exit.isSuccess(Option.getOrThrow(yield* Fiber.poll(fiber)))) finished++
          const before = (yield* jobs).filter(({ state }) => state === "cancelled").length
          const found = yield* runToEnd(Effect.scoped(recover(program, "cancel")))
          assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"], `interrupted at step ${step}`)
          assert.lengthOf(inIds(found).cancelled, 2 - before)
          assert.deepStrictEqual(yield* program.run(Programs.states), ["cancelled", "cancelled"])
        }).pipe(Effect.scoped, idle)
      }
      // it was aborted at every step from its start to its end
      assert.isAbove(finished, 0)
      assert.isBelow(finished, 32)
    })
  )

  it.scoped("a recovery that is interrupted during its search has bound the jobs it took over to its scope", () =>
    Effect.gen(function* () {
      const disk = yield* left
      const program = yield* Programs.start(disk)
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const early = yield* Effect.timeoutOption(recover(program, "resume"), "20 seconds")
            assert.isTrue(Option.isNone(early))
            assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "waiting 0"])
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "waiting 0"])
      yield* runToEnd(Effect.scoped(recover(program, "cancel")))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(idle)
  )

  it.effect("a recovery that is killed at any disk operation leaves no unknown submit without a report", () =>
    sweep(4, 20, (at) =>
      Effect.gen(function* () {
        const disk = Disk.make()
        const dead = yield* Programs.start(disk)
        yield* lost(dead, small(), "before")
        yield* dead.kill
        const reports: Array<string> = []
        const recoverWithReports = (program: Programs.Program) =>
          program.run(
            Recovery.recover({
              kinds: [ImageGeneration.kind],
              policy: "cancel",
              onRecovered: ({ unknown }) => Effect.sync(() => reports.push(...unknown.map(({ outcome }) => outcome)))
            })
          )
        const victim = yield* Programs.start(disk)
        const isCut = yield* killAt(victim, at, Effect.scoped(recoverWithReports(victim)))
        yield* runToEnd(Effect.scoped(recoverWithReports(yield* Programs.start(disk))), "20 seconds")
        assert.include(reports, "absent", `killed at operation ${at}`)
        return isCut ? "cut short" : "not reached"
      }).pipe(idle)
    )
  )
})
