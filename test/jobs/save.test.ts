/** Pictures as files: each in one of its own, which is whole. */
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
import { directory, downloads, look, run, saveOn, submit, wholeOf } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { clearFaults, fetches, jobOutcomes, script, small, timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())
const slow = Effect.provide(stack({ server: { worker: { takes: "9 seconds" } } }))

const isObject = ({ path }: Faults.Request) => path.startsWith("/objects/")

describe("save", () => {
  for (const r2 of [true, false]) {
    it.effect(`puts each picture into a file of its own, ${r2 ? "from links" : "from base64"}`, () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const job = yield* submit(3, r2)
          const saved = yield* saveOn(disk.process(), job)
          const whole = yield* wholeOf(job)
          const { parts, pictures } = look(disk, whole)
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

  it.effect("returns when no power cut can take the pictures any more", () =>
    run(
      Effect.gen(function* () {
        const disk = Disk.make()
        const job = yield* submit()
        yield* saveOn(disk.process(), job)
        disk.powerCut()
        assert.lengthOf(look(disk, yield* wholeOf(job)).pictures, 3)
      })
    ).pipe(horde)
  )

  it.effect("tells the journal that the pictures are in safe hands", () =>
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

  it.effect("writes pictures as they arrive where the job was asked to", () =>
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
        assert.includeMembers(look(disk, yield* wholeOf(job)).pictures, early)
      })
    ).pipe(slow)
  )

  it.effect("has no more pictures at once in hand than it may", () =>
    run(
      Effect.gen(function* () {
        const job = yield* submit(6)
        yield* job.result
        yield* script(Faults.latency("2 seconds", { where: isObject }))
        const took = (concurrency?: number) =>
          Effect.map(timed(saveOn(Disk.make().process(), job, concurrency)), ({ took }) => Math.floor(took / 1000))
        // one second until the check
        assert.deepStrictEqual([yield* took(1), yield* took(3), yield* took()], [13, 5, 5])
      })
    ).pipe(horde)
  )

  it.effect("asks once more for links that have expired", () =>
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

describe("a picture that is there", () => {
  it.effect("is not fetched again", () =>
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

  it.effect("is a success even where the server has lost it meanwhile", () =>
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
    ["half of it", (whole) => whole.subarray(0, whole.length >> 1)],
    ["all but its last byte", (whole) => whole.subarray(0, -1)],
    ["its first bytes", (whole) => whole.subarray(0, 10)],
    ["an empty file", () => ""],
    ["something else", () => "<!doctype html>"]
  ]
  for (const [title, contents] of torn) {
    it.effect(`in part is replaced: ${title}`, () =>
      run(
        Effect.gen(function* () {
          const disk = Disk.make()
          const job = yield* submit(2)
          yield* job.result
          const whole = yield* wholeOf(job)
          const [name = "", bytes = new Uint8Array()] = [...whole][0] ?? []
          disk.put(name, contents(bytes))
          assert.lengthOf(yield* saveOn(disk.process(), job), 2)
          assert.lengthOf(look(disk, whole).pictures, 2)
        })
      ).pipe(horde)
    )
  }
})

describe("an id", () => {
  const ids = ["../up", "/etc/up", "a/b", "a\\b", ".", "..", ".hidden", "a.b", "-x", "NUL", "com1", "a b", "a:b", "ä"]

  it.effect("that is no safe name of a file is refused, and the others go on", () =>
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
        assert.match(error.message, /^14 of 15 results failed: the id of the result cannot be the name/)
        assert.deepStrictEqual([...disk.files().keys()], [`${directory}/a-good_1.webp`])
        assert.deepStrictEqual(
          error.partial.map(({ path }) => path),
          [`${directory}/a-good_1.webp`]
        )
      })
    ).pipe(horde)
  )
})

describe("a job that ends badly", () => {
  it.effect("has its saved pictures in its error", () =>
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
        assert.deepStrictEqual(look(disk, yield* wholeOf(job)).pictures, [error.partial[0]?.path ?? ""])
      })
    ).pipe(horde)
  )

  it.effect("by a cancel, has what the cancel brought, which is not fetched twice", () =>
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
        look(disk, new Map(pictures.map(({ bytes, id }) => [`${directory}/${id}.webp`, bytes])))
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      })
    ).pipe(slow)
  )

  it.effect("by its deadline, has those that were there", () =>
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

describe("on a real disk", () => {
  const folder = Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "effect-horde-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true }))
  )

  it.scopedLive("each picture is there once, whole, and none twice", () =>
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
