/** Saving while programs are killed, the power fails, and disks run full: a picture's file is whole or not there. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import type * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Disk from "../support/disk.js"
import { directory, downloads, look, run, saveOn, submit, wholeOf } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())

/** Rounds of the same, each with trouble one operation later, until it comes too late. */
const atEveryOperation = <E, R>(
  round: (at: number, disk: Disk.Disk, process: Disk.Process) => Effect.Effect<"met" | "not met", E, R>
) =>
  Effect.gen(function* () {
    let at = 0
    for (let isMet = true; isMet; at++) {
      const disk = Disk.make()
      isMet = (yield* Effect.scoped(round(at, disk, disk.process()))) === "met"
    }
    assert.isAbove(at, 20)
  }).pipe(run, horde)

const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe("at every operation of the disk", () => {
  // what follows is about saving: the job is over, and its pictures are at hand
  const ready = Effect.gen(function* () {
    const job = yield* submit(2)
    yield* job.result
    return { job, whole: yield* wholeOf(job) }
  })

  /** Saves once more, and finds each picture once; those that were there were not fetched again. */
  const finish = (disk: Disk.Disk, job: ImageGeneration.ImageJob, whole: ReadonlyMap<string, Uint8Array>) =>
    Effect.gen(function* () {
      const there = look(disk, whole).pictures.length
      const before = (yield* downloads).length
      assert.lengthOf(yield* saveOn(disk.process(), job), 2)
      assert.strictEqual((yield* downloads).length - before, 2 - there)
      const { parts, pictures } = look(disk, whole)
      assert.lengthOf(parts, 0)
      assert.lengthOf(pictures, 2)
      disk.powerCut()
      assert.lengthOf(look(disk, whole).pictures, 2)
    })

  it.effect("a program that is killed leaves nothing torn, and the next one finishes", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        process.meet("kill", at)
        const first = yield* Effect.either(saveOn(process, job))
        const isMet = process.isKilled()
        assert.strictEqual(first._tag === "Left", isMet)
        yield* finish(disk, job, whole)
        return isMet ? "met" : "not met"
      })
    )
  )

  for (const [title, chance] of [
    ["", () => () => 0],
    [", where some of it was on the disk before the rest", (at: number) => seeded(at)]
  ] as const) {
    it.effect(`a power cut leaves nothing torn, and the next program finishes${title}`, () =>
      atEveryOperation((at, disk, process) =>
        Effect.gen(function* () {
          const { job, whole } = yield* ready
          process.meet("kill", at)
          yield* Effect.either(saveOn(process, job))
          const isMet = process.isKilled()
          disk.powerCut(chance(at))
          yield* finish(disk, job, whole)
          return isMet ? "met" : "not met"
        })
      )
    )
  }

  it.effect("an error costs one picture at most, or is told before anything is fetched", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        const before = (yield* downloads).length
        process.meet("fail", at)
        const first = yield* Effect.either(saveOn(process, job))
        if (first._tag === "Left") {
          const error = first.left
          assert(error._tag === "DownloadFailed")
          assert.strictEqual(error.reason, "NotSaved")
          const atOnce = (yield* downloads).length === before
          assert.lengthOf(error.partial, atOnce ? 0 : 1)
          assert.lengthOf(look(disk, whole).parts, 0)
        }
        yield* finish(disk, job, whole)
        return first._tag === "Left" ? "met" : "not met"
      })
    )
  )

  it.effect("a program that stands still, while another saves the same, ends well", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        process.meet("stall", at)
        const fiber = yield* Effect.fork(saveOn(process, job))
        yield* Effect.sleep("5 seconds")
        const isMet = Option.isNone(yield* Fiber.poll(fiber))
        assert.lengthOf(yield* saveOn(disk.process(), job), 2)
        assert.lengthOf(look(disk, whole).pictures, 2)
        process.resume()
        assert.lengthOf(yield* Fiber.join(fiber), 2)
        const { parts, pictures } = look(disk, whole)
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 2)
        return isMet ? "met" : "not met"
      })
    )
  )
})

describe("two programs that save the same job at once", () => {
  it.effect("both succeed, and there is one file of each picture", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        const both = Effect.all([saveOn(disk.process(), job), saveOn(disk.process(), job)], { concurrency: 2 })
        const [one, other] = yield* both
        assert.lengthOf(one, 3)
        assert.lengthOf(other, 3)
        const { parts, pictures } = look(disk, yield* wholeOf(job))
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 3)
      })
    ).pipe(horde)
  )
})

describe("an interruption in the middle of a write", () => {
  it.effect("leaves the picture whole and nothing beside it", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit(1)
        yield* job.result
        const whole = yield* wholeOf(job)
        // where the file is written and not synced is learnt from a save on another disk
        const other = Disk.make().process()
        yield* saveOn(other, job)
        const at = other.operations.findIndex((operation) => /^sync .*\.part$/.test(operation))
        const process = disk.process()
        process.meet("stall", at)
        const fiber = yield* Effect.fork(saveOn(process, job))
        yield* Effect.sleep("5 seconds")
        yield* Fiber.interruptFork(fiber)
        yield* Effect.sleep("1 second")
        assert.strictEqual(look(disk, whole).parts.length, 1)
        process.resume()
        yield* Fiber.await(fiber)
        const { parts, pictures } = look(disk, whole)
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 1)
      })
    ).pipe(horde)
  )
})

describe("a disk", () => {
  it.effect("that is full costs what does not fit, and no more", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        yield* job.result
        const whole = yield* wholeOf(job)
        const sizes = [...whole.values()].map(({ byteLength }) => byteLength)
        disk.setRoom(Math.max(...sizes) + 10)
        const error = yield* Effect.flip(saveOn(disk.process(), job, 1))
        assert(error._tag === "DownloadFailed")
        assert.strictEqual(error.reason, "NotSaved")
        assert.isFalse(error.isRetryable)
        assert.match(error.message, /^2 of 3 results failed: the file could not be written: ENOSPC/)
        assert.lengthOf(error.partial, 1)
        assert.isDefined(error.ticket)
        const { parts, pictures } = look(disk, whole)
        assert.deepStrictEqual(pictures, [error.partial[0]?.path ?? ""])
        assert.lengthOf(parts, 0)
        disk.setRoom(1_000_000)
        const before = (yield* downloads).length
        assert.lengthOf(yield* saveOn(disk.process(), job), 3)
        assert.strictEqual((yield* downloads).length - before, 2)
      })
    ).pipe(horde)
  )

  it.effect("that has a file where the directory should be is told at once", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        disk.put(directory, "a file")
        const job = yield* submit()
        const { took, value } = yield* timed(Effect.flip(saveOn(disk.process(), job)))
        assert(value._tag === "DownloadFailed" && value.reason === "NotSaved")
        assert.isDefined(value.ticket)
        assert.isBelow(took, 1000)
        // the job goes on
        assert.lengthOf(yield* job.result, 3)
      })
    ).pipe(horde)
  )
})
