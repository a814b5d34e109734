/** A directory in which no picture can be saved fails at once, and the job stays with its caller. */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Disk from "../support/disk.js"
import { directory, downloads, inspectFiles, run, saveOn, submit, wholeOf } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { jobOutcomes, requests, runToEnd, timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())

/** Asserts that saving fails without any request, and checks the error. */
const failsAtOnce = <R>(job: ImageGeneration.ImageJob, save: Effect.Effect<unknown, unknown, R>, names: string) =>
  Effect.gen(function* () {
    const before = (yield* requests()).length
    const { took, value: error } = yield* timed(Effect.flip(save))
    assert.deepInclude(error, { _tag: "DownloadFailed", reason: "NotSaved", isRetryable: false, partial: [] })
    assert.deepInclude(error, { ticket: job.ticket })
    assert.include((error as Error).message, `the directory "${names}"`)
    assert.strictEqual(took, 0)
    assert.strictEqual((yield* requests()).length, before)
  })

const saveIn = (job: ImageGeneration.ImageJob, directory: string) => ImageGeneration.save(job, { directory })

describe("directories of a real disk", () => {
  const folder = Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "effect-horde-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true }))
  )

  // virtual time stands still: a test that waits for the job never ends
  const onDisk = <A, E, R>(program: Effect.Effect<A, E, R>) =>
    Effect.scoped(program).pipe(Effect.provide(NodeContext.layer), horde)

  const impossible: ReadonlyArray<readonly [string, string]> = [
    ["a directory that the system refuses with ENOENT", "/proc/effect-horde"],
    ["a directory below one that the system refuses with ENOENT", "/proc/effect-horde/some/pictures"],
    ["a directory with an empty name", ""],
    ["a directory with a NUL in its name", "/tmp/a\0b"],
    ["a directory with a name that is too long", `/tmp/${"x".repeat(300)}/pictures`]
  ]
  for (const [title, path] of impossible) {
    it.effect.skipIf(path.startsWith("/proc") && process.platform !== "linux")(`saving in ${title} fails at once`, () =>
      onDisk(
        Effect.gen(function* () {
          const job = yield* submit(1)
          yield* failsAtOnce(job, saveIn(job, path), path)
        })
      )
    )
  }

  it.effect("saving in a file or below one fails at once", () =>
    onDisk(
      Effect.gen(function* () {
        const file = join(yield* folder, "a file")
        yield* Effect.promise(() => writeFile(file, ""))
        const job = yield* submit(1)
        yield* failsAtOnce(job, saveIn(job, file), file)
        yield* failsAtOnce(job, saveIn(job, join(file, "pictures")), join(file, "pictures"))
      })
    )
  )
})

describe("directories", () => {
  it.effect("saving in a directory without write permission fails at once", () =>
    run(
      Effect.gen(function* () {
        const { fileSystem, layer } = Disk.make().process()
        const readOnly = FileSystem.make({
          ...fileSystem,
          access: (path, options) =>
            options?.writable === true
              ? Effect.fail(
                  new SystemError({
                    reason: "PermissionDenied",
                    module: "FileSystem",
                    method: "access",
                    pathOrDescriptor: path,
                    description: "EACCES: permission denied"
                  })
                )
              : Effect.void
        })
        const job = yield* submit(1)
        const save = saveIn(job, directory).pipe(
          Effect.provide(Layer.merge(layer, Layer.succeed(FileSystem.FileSystem, readOnly)))
        )
        yield* failsAtOnce(job, save, directory)
        assert.match(String(yield* Effect.flip(save)), /EACCES/)
      })
    ).pipe(horde)
  )

  it.effect("a job that cannot be saved is cancelled when its scope closes", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      disk.put(directory, "a file")
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* submit(1)
            yield* failsAtOnce(job, saveOn(disk.process(), job), directory)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(horde)
  )

  it.effect("a second save in a directory that works again saves all pictures", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const process = disk.process()
        process.refuse(/^makeDirectory/, 1)
        const job = yield* submit(2)
        yield* failsAtOnce(job, saveOn(process, job), directory)
        assert.lengthOf(yield* saveOn(process, job), 2)
        assert.lengthOf(inspectFiles(disk, yield* wholeOf(job)).pictures, 2)
      })
    ).pipe(horde)
  )

  it.effect("save accepts a directory that another program creates at the same time", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const { fileSystem, layer } = disk.process()
        const other = disk.process().fileSystem
        const late = FileSystem.make({
          ...fileSystem,
          makeDirectory: (path, options) =>
            Effect.zipRight(Effect.orDie(other.makeDirectory(path)), fileSystem.makeDirectory(path, options))
        })
        const job = yield* submit(1)
        const save = saveIn(job, directory).pipe(
          Effect.provide(Layer.merge(layer, Layer.succeed(FileSystem.FileSystem, late)))
        )
        assert.lengthOf(yield* save, 1)
      })
    ).pipe(horde)
  )

  it.effect(
    "save fails with the name of a directory that is removed while the job runs, and each picture is downloaded once",
    () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const process = disk.process()
          const job = yield* submit(2)
          const fiber = yield* Effect.fork(Effect.flip(saveOn(process, job)))
          yield* Effect.sleep("1 second")
          yield* disk.process().fileSystem.remove(directory, { recursive: true })
          const error = yield* Fiber.join(fiber)
          assert(error._tag === "DownloadFailed")
          assert.strictEqual(error.reason, "NotSaved")
          assert.match(error.message, /^2 of 2 results failed: the file could not be written: ENOENT/)
          assert.include(error.message, `the directory "${directory}"`)
          assert.lengthOf(yield* downloads, 2)
          assert.lengthOf(yield* saveOn(process, job), 2)
        })
      ).pipe(horde)
  )
})

describe("the concurrency of saves", () => {
  for (const concurrency of [Number.NaN, 0, -1, 0.5, Number.POSITIVE_INFINITY]) {
    it.effect(`save accepts any concurrency: ${concurrency}`, () =>
      run(
        Effect.gen(function* () {
          assert.lengthOf(yield* saveOn(Disk.make().process(), yield* submit(2), concurrency), 2)
        })
      ).pipe(horde)
    )
  }
})
