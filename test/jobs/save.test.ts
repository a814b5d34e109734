/** Pictures that are saved as files: one complete file each. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect, Fiber } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as Disk from "../support/disk.js"
import { directory, downloads, inspectFiles, run, saveOn, submit, wholeOf } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { clearFaults, fetches, jobOutcomes, script, small, timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())
const slow = Effect.provide(stack({ server: { worker: { takes: "9 seconds" } } }))

const isObject = ({ path }: Faults.Request) => path.startsWith("/objects/")

describe("ImageGeneration.save", () => {
  for (const r2 of [true, false]) {
    it.effect(`save writes each picture to a file of its own, ${r2 ? "from links" : "from base64"}`, () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const job = yield* submit(3, r2)
          const saved = yield* saveOn(disk.process(), job)
          const whole = yield* wholeOf(job)
          const { parts, pictures } = inspectFiles(disk, whole)
          assert.deepStrictEqual([...pictures].sort(), [...whole.keys()].sort())
          assert.lengthOf(parts, 0)
          assert.deepStrictEqual(
            saved.map(({ path }) => path),
            saved.map(({ id }) => `${directory}/${id}.webp`)
          )
          for (const { bytes, toJSON, ...facts } of yield* job.result) {
            const one = saved.find(({ id }) => id === facts.id)
            assert.deepStrictEqual({ ...one }, { ...facts, path: one?.path ?? "", byteLength: bytes.byteLength })
          }
        })
      ).pipe(horde)
    )
  }

  it.effect("save names files by a function of the picture, and reports each check and picture", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const process = disk.process()
        const job = yield* submit()
        const events: Array<string> = []
        const saved = yield* ImageGeneration.save(job, {
          directory,
          name: ({ id, seed }) => `bay-${seed}-${id.slice(0, 8)}`,
          onProgress: (event) => Effect.sync(() => events.push(event._tag))
        }).pipe(Effect.provide(process.layer))
        assert.deepStrictEqual(
          saved.map(({ path }) => path),
          saved.map(({ id, seed }) => `${directory}/bay-${seed}-${id.slice(0, 8)}.webp`)
        )
        assert.include(events, "Checked")
        assert.strictEqual(events.filter((tag) => tag === "Saved").length, 3)
        assert.deepStrictEqual([...disk.files().keys()].sort(), saved.map(({ path }) => path).sort())
      })
    ).pipe(horde)
  )

  const badNames: ReadonlyArray<readonly [string, (picture: ImageGeneration.PictureInfo) => string, RegExp, number]> = [
    ["a name with a directory fails", () => "../fox", /letters, digits/, 0],
    ["a name that several pictures have saves the first one only", () => "fox", /same file name/, 1],
    [
      "a name function that throws fails",
      () => {
        throw new Error("no name")
      },
      /threw/,
      0
    ]
  ]
  for (const [what, name, message, pictures] of badNames) {
    it.effect(`${what} with NotSaved`, () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const save = ImageGeneration.save(yield* submit(), { directory, name })
          const error = yield* Effect.flip(Effect.provide(save, disk.process().layer))
          assert(error._tag === "DownloadFailed" && error.reason === "NotSaved")
          assert.match(error.message, message)
          assert.lengthOf(error.partial, pictures)
          assert.lengthOf([...disk.files().keys()], pictures)
        })
      ).pipe(horde)
    )
  }

  it.effect("save returns once a power cut cannot destroy the pictures", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        yield* saveOn(disk.process(), job)
        disk.powerCut()
        assert.lengthOf(inspectFiles(disk, yield* wholeOf(job)).pictures, 3)
      })
    ).pipe(horde)
  )

  it.effect("save marks the entry in the journal as delivered once all pictures are saved", () =>
    run(
      Effect.gen(function* () {
        const states = Effect.flatMap(JobJournal.JobJournal, ({ entries }) =>
          Effect.map(entries, (all) => all.map(({ state }) => state))
        )
        const disk = Disk.make()
        const job = yield* submit()
        yield* job.result
        assert.deepStrictEqual(yield* states, ["finished"])
        disk.setRoom(10)
        yield* Effect.flip(saveOn(disk.process(), job))
        assert.deepStrictEqual(yield* states, ["finished"])
        disk.setRoom(1_000_000)
        yield* saveOn(disk.process(), job)
        assert.deepStrictEqual(yield* states, ["delivered"])
      })
    ).pipe(horde)
  )

  it.effect("save writes pictures as they arrive if the job was submitted so", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* ImageGeneration.submit(small("a quiet bay", 3), { results: "as they arrive" })
        const fiber = yield* Effect.fork(saveOn(disk.process(), job))
        yield* Effect.sleep("20 seconds")
        const early = [...disk.files().keys()]
        assert.isAtLeast(early.length, 1)
        assert.isBelow(early.length, 3)
        assert.lengthOf(yield* Fiber.join(fiber), 3)
        assert.lengthOf(yield* downloads, 3)
        assert.includeMembers(inspectFiles(disk, yield* wholeOf(job)).pictures, early)
      })
    ).pipe(slow)
  )

  it.effect("save downloads no more pictures at once than its concurrency allows", () =>
    run(
      Effect.gen(function* () {
        const job = yield* submit(6)
        yield* job.result
        yield* script(Faults.latency("2 seconds", { where: isObject }))
        const took = (concurrency?: number) =>
          Effect.map(timed(saveOn(Disk.make().process(), job, concurrency)), ({ took }) => Math.floor(took / 1000))
        // the check comes after one second
        assert.deepStrictEqual([yield* took(1), yield* took(3), yield* took()], [13, 5, 5])
      })
    ).pipe(horde)
  )

  it.effect("save refreshes expired links once", () =>
    run(
      Effect.gen(function* () {
        yield* script(Faults.expireLinks(2))
        assert.lengthOf(yield* saveOn(Disk.make().process(), yield* submit()), 3)
        assert.lengthOf(yield* fetches, 2)
        assert.lengthOf(yield* downloads, 5)
      })
    ).pipe(horde)
  )
})

describe("pictures that are already saved", () => {
  it.effect("a saved picture is not downloaded again", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        const saved = yield* saveOn(disk.process(), job)
        const before = disk.files()
        assert.lengthOf(yield* downloads, 3)
        const again = yield* saveOn(disk.process(), job)
        assert.deepStrictEqual(
          again.map((one) => ({ ...one })),
          saved.map((one) => ({ ...one }))
        )
        assert.lengthOf(yield* downloads, 3)
        assert.deepStrictEqual(disk.files(), before)
      })
    ).pipe(horde)
  )

  it.effect("a saved picture succeeds even if the server has lost it", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        yield* saveOn(disk.process(), job)
        yield* script(Faults.unavailableImage())
        assert.lengthOf(yield* saveOn(disk.process(), job), 3)
      })
    ).pipe(horde)
  )

  const torn: ReadonlyArray<readonly [string, (whole: Uint8Array) => Uint8Array | string]> = [
    ["half of a picture", (whole) => whole.subarray(0, whole.length >> 1)],
    ["a picture without its last byte", (whole) => whole.subarray(0, -1)],
    ["a picture's first bytes", (whole) => whole.subarray(0, 10)],
    ["an empty file", () => ""],
    ["other contents", () => "<!doctype html>"]
  ]
  for (const [title, contents] of torn) {
    it.effect(`a file with ${title} is replaced`, () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const job = yield* submit(2)
          yield* job.result
          const whole = yield* wholeOf(job)
          const [name = "", bytes = new Uint8Array()] = [...whole][0] ?? []
          disk.put(name, contents(bytes))
          assert.lengthOf(yield* saveOn(disk.process(), job), 2)
          assert.lengthOf(inspectFiles(disk, whole).pictures, 2)
        })
      ).pipe(horde)
    )
  }
})

describe("ids as file names", () => {
  const ids = ["../up", "/etc/up", "a/b", "a\\b", ".", "..", ".hidden", "a.b", "-x", "NUL", "com1", "a b", "a:b", "ä"]

  it.effect("a result whose id is no safe file name fails, and the others are saved", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit(ids.length + 1)
        const [picture] = yield* job.result
        const img = Buffer.from(picture?.bytes ?? []).toString("base64")
        const body = JSON.stringify({
          ...{ finished: ids.length + 1, processing: 0, waiting: 0, done: true },
          generations: [...ids, "a-good_1"].map((id) => ({ id, img }))
        })
        yield* script(
          Faults.respond({ status: 200, body, contentType: "application/json" }, { path: "/v2/generate/status/:id" })
        )
        const error = yield* Effect.flip(saveOn(disk.process(), job))
        assert(error._tag === "DownloadFailed")
        assert.strictEqual(error.reason, "NotSaved")
        assert.match(error.message, /^14 of 15 results failed: the name of a picture's file must be/)
        assert.deepStrictEqual([...disk.files().keys()], [`${directory}/a-good_1.webp`])
        assert.deepStrictEqual(
          error.partial.map(({ path }) => path),
          [`${directory}/a-good_1.webp`]
        )
      })
    ).pipe(horde)
  )
})

describe("failed jobs", () => {
  it.effect("the error of a failed job has its saved pictures", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        let attempts = 0
        yield* script(Faults.failAttempts(2, () => attempts++ > 0))
        const job = yield* submit(2)
        const error = yield* Effect.flip(saveOn(disk.process(), job))
        assert(error._tag === "JobFaulted")
        assert.lengthOf(error.partial, 1)
        yield* clearFaults
        assert.deepStrictEqual(inspectFiles(disk, yield* wholeOf(job)).pictures, [error.partial[0]?.path ?? ""])
      })
    ).pipe(horde)
  )

  it.effect("a cancelled job saves the results of the cancel without downloading them twice", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit(3)
        const fiber = yield* Effect.fork(Effect.flip(saveOn(disk.process(), job)))
        yield* Effect.sleep("15 seconds")
        const pictures = yield* job.cancel
        assert.lengthOf(pictures, 1)
        const error = yield* Fiber.join(fiber)
        assert(error._tag === "JobCancelled")
        assert.deepStrictEqual(
          error.partial.map(({ id, path }) => [id, path]),
          pictures.map(({ id }) => [id, `${directory}/${id}.webp`])
        )
        assert.lengthOf(yield* downloads, 1)
        inspectFiles(disk, new Map(pictures.map(({ bytes, id }) => [`${directory}/${id}.webp`, bytes])))
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      })
    ).pipe(slow)
  )

  it.effect("a timed-out job fails with its saved pictures", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* ImageGeneration.submit(small("a quiet bay", 3), { deadline: "15 seconds" })
        const error = yield* Effect.flip(saveOn(disk.process(), job))
        assert(error._tag === "JobTimedOut")
        assert.lengthOf(error.partial, 1)
        assert.lengthOf([...disk.files().keys()], 1)
      })
    ).pipe(slow)
  )
})

describe("a real disk", () => {
  const folder = Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "effect-horde-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true }))
  )

  it.scopedLive("save writes each picture once and completely on a real disk", () =>
    Effect.gen(function* () {
      const directory = join(yield* folder, "some", "pictures")
      const names = Effect.promise(async () => (await readdir(directory)).sort())
      const job = yield* submit(3)
      const save = Effect.provide(ImageGeneration.save(job, { directory }), NodeContext.layer)
      const saved = yield* save
      assert.deepStrictEqual(yield* names, saved.map(({ id }) => `${id}.webp`).sort())
      const pictures = yield* job.result
      for (const { byteLength, id, path } of saved) {
        const bytes = yield* Effect.promise(() => readFile(path))
        assert.strictEqual(bytes.byteLength, byteLength)
        assert.isTrue(bytes.equals(pictures.find((picture) => picture.id === id)?.bytes ?? new Uint8Array()))
      }

      const [torn] = saved
      const before = (yield* downloads).length
      yield* Effect.promise(() => writeFile(torn?.path ?? "", (pictures[0]?.bytes ?? new Uint8Array()).subarray(0, 99)))
      yield* Effect.promise(() => writeFile(join(directory, `.${torn?.id}.0123.part`), "left behind"))
      yield* Effect.promise(() => writeFile(join(directory, "mine.part"), "not of this job"))
      assert.lengthOf(yield* save, 3)
      assert.strictEqual((yield* downloads).length, before + 1)
      assert.deepStrictEqual(yield* names, [...saved.map(({ id }) => `${id}.webp`), "mine.part"].sort())
      const mended = yield* Effect.promise(() => readFile(torn?.path ?? ""))
      assert.strictEqual(mended.byteLength, torn?.byteLength)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "20 millis", startsAfter: "10 millis" } } })))
  )
})
