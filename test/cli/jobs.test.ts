/** Jobs of commands that are interrupted or killed. */
import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import { Effect, Fiber, Schema, TestClock } from "effect"
import { exitCode } from "../../packages/cli/src/internal/failures/exitCode.js"
import * as Disk from "../support/disk.js"
import { jobOutcomes, runToEnd } from "../support/virtualTime.js"
import { environment, horde, start } from "./support.js"

const slow = { takes: "1 minute" } as const
const server = HordeServer.layerClient({ seed: 1, worker: slow, textWorker: slow, alchemyWorker: slow })

const draw = ["draw", "a fox", "-n", "2", "--size", "64x64", "-o", "/pics"]

/** A disk with a user's folder, for many commands. */
const newDisk = Effect.gen(function* () {
  const disk = Disk.make()
  yield* Effect.orDie(disk.process().fileSystem.makeDirectory("/home/user", { recursive: true }))
  return disk
})

const Listed = Schema.parseJson(
  Schema.Array(Schema.Struct({ job: Schema.NonEmptyString, kind: Schema.String, state: Schema.String }))
)

const list = (disk: Disk.Disk, ...options: ReadonlyArray<string>) =>
  Effect.map(runToEnd(horde(["jobs", "list", "--json", ...options], { disk: disk.process() })), ({ out }) =>
    Schema.decodeUnknownSync(Listed)(out)
  )

/** A command that is killed in the middle of its job: it does nothing more, neither on the disk nor on the server. */
const kill = (disk: Disk.Disk, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const process = disk.process()
    const { program } = yield* start(args, { disk: process })
    const fiber = yield* Effect.fork(program)
    yield* TestClock.adjust("20 seconds")
    process.kill()
    yield* Fiber.interruptFork(fiber)
  })

describe("an interrupted command", () => {
  for (const args of [draw, ["write", "once upon a time"]]) {
    it.effect(`${args[0]} cancels its job, and says so`, () =>
      Effect.gen(function* () {
        const { err, program } = yield* start(args)
        const fiber = yield* Effect.fork(program)
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(yield* jobOutcomes, ["processing 0"])
        const interrupted = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(interrupted)
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
        assert.match(err(), /interrupted: the job is being cancelled\ncancelled\n$/)
      }).pipe(Effect.provide(server))
    )
  }
})

describe("a killed command", () => {
  it.effect("leaves a job that `jobs list` shows and `jobs resume` saves, with its prompt", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* kill(disk, draw)
      const [job] = yield* list(disk)
      assert.include(job, { kind: "image", state: "live" })
      const { code, err, out } = yield* runToEnd(horde(["jobs", "resume", "-o", "/pics"], { disk: disk.process() }))
      assert.strictEqual(code, 0, err)
      const paths = out.trim().split("\n")
      assert.lengthOf(paths, 2)
      for (const path of paths) {
        assert.match(path, /-a-fox\.webp$/)
        const shown = yield* runToEnd(horde(["inspect", path], { disk: disk.process() }))
        assert.match(shown.out, /^prompt +a fox\nmodel +stable_diffusion\nseed +\d+\nsize +64 × 64\n/)
      }
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
      assert.deepStrictEqual(yield* list(disk), [])
      assert.include((yield* list(disk, "--all"))[0], { state: "delivered" })
    }).pipe(Effect.provide(server))
  )

  it.effect("does not save a picture twice that it had saved before", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      // an anonymous user cannot read the prompt of the job back
      const env = { HOME: environment.HOME, HORDE_URL: environment.HORDE_URL }
      const process = disk.process()
      const { out, program } = yield* start(draw, { disk: process, env })
      const fiber = yield* Effect.fork(program)
      for (let second = 0; second < 300 && out() === ""; second++) yield* TestClock.adjust("1 second")
      process.kill()
      yield* Fiber.interruptFork(fiber)
      const first = out().trim()
      const resumed = yield* runToEnd(horde(["jobs", "resume", "-o", "/pics"], { disk: disk.process(), env }))
      assert.include(resumed.out.split("\n"), first)
      const { fileSystem } = disk.process()
      assert.lengthOf(yield* fileSystem.readDirectory("/pics"), 2)
      assert.match((yield* runToEnd(horde(["inspect", first], { disk: disk.process() }))).out, /^prompt +a fox\n/)
    }).pipe(Effect.provide(server))
  )

  it.effect("leaves jobs that `jobs cancel` cancels, one or all", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* kill(disk, draw)
      yield* kill(disk, ["write", "once upon a time"])
      const [first, second] = yield* list(disk)
      const one = yield* runToEnd(horde(["jobs", "cancel", second?.job ?? ""], { disk: disk.process() }))
      assert.strictEqual(one.out, "1 job cancelled\n", one.err)
      assert.deepStrictEqual(yield* jobOutcomes, ["processing 0", "cancelled 1"])
      assert.deepStrictEqual(
        (yield* list(disk)).map(({ job }) => job),
        [first?.job]
      )
      assert.strictEqual(
        (yield* runToEnd(horde(["jobs", "cancel"], { disk: disk.process() }))).out,
        "1 job cancelled\n"
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(Effect.provide(server))
  )

  it.effect("leaves a text that `jobs resume` prints", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* kill(disk, ["write", "once upon a time"])
      const { err, out } = yield* runToEnd(horde(["jobs", "resume"], { disk: disk.process() }))
      assert.isAbove(out.length, 20, err)
    }).pipe(Effect.provide(server))
  )
})

describe("a running command", () => {
  it.effect("keeps its job when another command recovers", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      const { program } = yield* start(draw, { disk: disk.process() })
      const fiber = yield* Effect.fork(program)
      yield* TestClock.adjust("20 seconds")
      const { code, err, out } = yield* runToEnd(horde(["jobs", "cancel"], { disk: disk.process() }), "1 second")
      assert.deepStrictEqual([code, out], [0, "0 jobs cancelled\n"])
      assert.match(err, /1 job left alone: the command that submitted it is running/)
      assert.strictEqual((yield* runToEnd(Fiber.join(fiber))).code, 0)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(server))
  )

  it.effect("of another horde has another journal", () =>
    Effect.gen(function* () {
      const disk = yield* newDisk
      yield* kill(disk, draw)
      const env = { ...environment, HORDE_URL: "http://127.0.0.1:81/api" }
      const { code, err } = yield* runToEnd(horde(["jobs", "list"], { disk: disk.process(), env }))
      assert.strictEqual(code, exitCode.success)
      assert.include(err, "no unfinished jobs")
    }).pipe(Effect.provide(server))
  )
})
