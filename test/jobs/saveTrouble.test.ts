/** Saves while programs are killed, the power fails and disks run full: a picture's file is complete or absent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import type * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Disk from "../support/disk.js"
import { directory, downloads, inspectFiles, run, saveOn, submit, wholeOf } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())

/** Repeats a test with a fault at each operation in turn, until the fault comes after the last one. */
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

describe("faults at each disk operation", () => {
  // only the save is tested: the job is over, and its pictures can be downloaded
  const ready = Effect.gen(function* () {
    const job = yield* submit(2)
    yield* job.result
    return { job, whole: yield* wholeOf(job) }
  })

  /** Saves once more, and asserts that each picture exists once and was not downloaded if it existed before. */
  const finish = (disk: Disk.Disk, job: ImageGeneration.ImageJob, whole: ReadonlyMap<string, Uint8Array>) =>
    Effect.gen(function* () {
      const there = inspectFiles(disk, whole).pictures.length
      const before = (yield* downloads).length
      assert.lengthOf(yield* saveOn(disk.process(), job), 2)
      assert.strictEqual((yield* downloads).length - before, 2 - there)
      const { parts, pictures } = inspectFiles(disk, whole)
      assert.lengthOf(parts, 0)
      assert.lengthOf(pictures, 2)
      disk.powerCut()
      assert.lengthOf(inspectFiles(disk, whole).pictures, 2)
    })

  it.effect("a program that is killed during a save leaves no partial file, and the next save completes", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        process.faultAt("kill", at)
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
    [", with writes that reach the disk out of order", (at: number) => seeded(at)]
  ] as const) {
    it.effect(`a power cut during a save leaves no partial file, and the next save completes${title}`, () =>
      atEveryOperation((at, disk, process) =>
        Effect.gen(function* () {
          const { job, whole } = yield* ready
          process.faultAt("kill", at)
          yield* Effect.either(saveOn(process, job))
          const isMet = process.isKilled()
          disk.powerCut(chance(at))
          yield* finish(disk, job, whole)
          return isMet ? "met" : "not met"
        })
      )
    )
  }

  it.effect("a disk error during a save costs one picture at most, or fails before any download", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        const before = (yield* downloads).length
        process.faultAt("fail", at)
        const first = yield* Effect.either(saveOn(process, job))
        if (first._tag === "Left") {
          const error = first.left
          assert(error._tag === "DownloadFailed")
          assert.strictEqual(error.reason, "NotSaved")
          const atOnce = (yield* downloads).length === before
          assert.lengthOf(error.partial, atOnce ? 0 : 1)
          assert.lengthOf(inspectFiles(disk, whole).parts, 0)
        }
        yield* finish(disk, job, whole)
        return first._tag === "Left" ? "met" : "not met"
      })
    )
  )

  it.effect("a program that is stopped during a save completes, while another one saves the same job", () =>
    atEveryOperation((at, disk, process) =>
      Effect.gen(function* () {
        const { job, whole } = yield* ready
        process.faultAt("stall", at)
        const fiber = yield* Effect.fork(saveOn(process, job))
        yield* Effect.sleep("5 seconds")
        const isMet = Option.isNone(yield* Fiber.poll(fiber))
        assert.lengthOf(yield* saveOn(disk.process(), job), 2)
        assert.lengthOf(inspectFiles(disk, whole).pictures, 2)
        process.resume()
        assert.lengthOf(yield* Fiber.join(fiber), 2)
        const { parts, pictures } = inspectFiles(disk, whole)
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 2)
        return isMet ? "met" : "not met"
      })
    )
  )
})

describe("two programs that save the same job", () => {
  it.effect("two concurrent saves of one job both succeed and write one file per picture", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        const both = Effect.all([saveOn(disk.process(), job), saveOn(disk.process(), job)], { concurrency: 2 })
        const [one, other] = yield* both
        assert.lengthOf(one, 3)
        assert.lengthOf(other, 3)
        const { parts, pictures } = inspectFiles(disk, yield* wholeOf(job))
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 3)
      })
    ).pipe(horde)
  )
})

describe("interruptions during writes", () => {
  it.effect("an interruption during a write leaves the complete picture and no other file", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit(1)
        yield* job.result
        const whole = yield* wholeOf(job)
        // a save on another disk shows at which operation the file is written and not synced
        const other = Disk.make().process()
        yield* saveOn(other, job)
        const at = other.operations.findIndex((operation) => /^sync .*\.part$/.test(operation))
        const process = disk.process()
        process.faultAt("stall", at)
        const fiber = yield* Effect.fork(saveOn(process, job))
        yield* Effect.sleep("5 seconds")
        yield* Fiber.interruptFork(fiber)
        yield* Effect.sleep("1 second")
        assert.strictEqual(inspectFiles(disk, whole).parts.length, 1)
        process.resume()
        yield* Fiber.await(fiber)
        const { parts, pictures } = inspectFiles(disk, whole)
        assert.lengthOf(parts, 0)
        assert.lengthOf(pictures, 1)
      })
    ).pipe(horde)
  )
})

describe("full disks", () => {
  it.effect("a save on a full disk loses only the pictures that do not fit", () =>
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
        const { parts, pictures } = inspectFiles(disk, whole)
        assert.deepStrictEqual(pictures, [error.partial[0]?.path ?? ""])
        assert.lengthOf(parts, 0)
        disk.setRoom(1_000_000)
        const before = (yield* downloads).length
        assert.lengthOf(yield* saveOn(disk.process(), job), 3)
        assert.strictEqual((yield* downloads).length - before, 2)
      })
    ).pipe(horde)
  )

  it.effect("a save fails at once if its directory is a file", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        disk.put(directory, "a file")
        const job = yield* submit()
        const { took, value } = yield* timed(Effect.flip(saveOn(disk.process(), job)))
        assert(value._tag === "DownloadFailed" && value.reason === "NotSaved")
        assert.isDefined(value.ticket)
        assert.isBelow(took, 1000)
        // the job continues
        assert.lengthOf(yield* job.result, 3)
      })
    ).pipe(horde)
  )
})
