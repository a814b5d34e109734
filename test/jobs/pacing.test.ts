/** When a job is looked at: often enough to be prompt, and no oftener. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, type HordeServer } from "@effect-horde/server"
import { Clock, Effect, FastCheck, Random } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { after, delay, start } from "../../packages/horde/src/internal/pacing.js"
import { cancels, checks, fates, fetches, passing, requests, script, small } from "../support/life.js"
import { stack } from "../support/stack.js"

const horde = (worker: HordeServer.WorkerOptions) => Effect.provide(stack({ server: { worker } }))

const gaps = (times: ReadonlyArray<{ readonly at: number }>) =>
  times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? at))

describe("the pause between two looks", () => {
  const estimates = FastCheck.array(
    FastCheck.record({
      wait: FastCheck.oneof(FastCheck.constant(0), FastCheck.integer({ min: 0, max: 100_000 })),
      random: FastCheck.double({ min: 0, max: 1, noNaN: true })
    }),
    { maxLength: 60 }
  )

  it.prop("follows the server's estimate, and grows only where there is none", [estimates], ([looks]) => {
    let pace = start
    let zeros = 0
    let floor = 1000
    for (const { random, wait } of looks) {
      pace = after(pace, wait)
      zeros = wait === 0 ? zeros + 1 : 0
      floor = zeros === 0 ? 1000 : zeros > 10 ? Math.min(floor * 1.3, 5000) : floor
      const least = Math.max(Math.min(Math.max(wait * 350, 1000), 10_000), floor)
      const pause = delay(pace, wait, random)
      if (pause < Math.floor(least) || pause > Math.ceil(least * 1.2)) return false
      if (!Number.isInteger(pause) || pause > 12_000) return false
    }
    return true
  })

  it("is a third of the estimate, from one second to ten, and up to a fifth more", () => {
    const pauses = [0, 1, 3, 10, 20, 28, 29, 600].map((wait) => [delay(start, wait, 0), delay(start, wait, 1)])
    assert.deepStrictEqual(pauses, [
      [1000, 1200],
      [1000, 1200],
      [1050, 1260],
      [3500, 4200],
      [7000, 8400],
      [9800, 11_760],
      [10_000, 12_000],
      [10_000, 12_000]
    ])
  })

  it("grows from the eleventh blank on, to five seconds, and starts anew with an estimate", () => {
    let pace = start
    const floors: Array<number> = []
    for (let look = 0; look < 18; look++) {
      pace = after(pace, 0)
      floors.push(Math.round(pace.floor))
    }
    assert.deepStrictEqual(floors.slice(8), [1000, 1000, 1300, 1690, 2197, 2856, 3713, 4827, 5000, 5000])
    assert.deepStrictEqual(after(pace, 1), start)
  })
})

describe("a job of five minutes", () => {
  for (const [title, step] of [
    ["in steps of a second", "1 second"],
    ["in one jump", "10 minutes"]
  ] as const) {
    it.effect(`passes ${title}, with few requests`, () =>
      Effect.gen(function* () {
        const drawing = Effect.zip(ImageGeneration.generate(small()), Clock.currentTimeMillis)
        const [pictures, endedAt] = yield* passing(drawing, step)
        assert.lengthOf(pictures, 1)
        // the picture is there after 300 seconds: 180 in the queue, 120 on the way
        assert.isAtLeast(endedAt, 300_000)
        assert.isAtMost(endedAt, 312_000)
        assert.lengthOf(yield* fetches, 1)
        assert.lengthOf(yield* cancels, 0)
        assert.isAtMost((yield* requests()).length, 45)
      }).pipe(horde({ startsAfter: "3 minutes", takes: "2 minutes" }))
    )
  }

  it.effect("is told of soon after it is there", () =>
    Effect.gen(function* () {
      const { at, pictures } = yield* passing(
        Effect.map(Effect.zip(ImageGeneration.generate(small()), Clock.currentTimeMillis), ([pictures, at]) => ({
          at,
          pictures
        }))
      )
      assert.lengthOf(pictures, 1)
      assert.isAtLeast(at, 6000)
      assert.isAtMost(at, 8500)
      assert.isAtMost((yield* checks).length, 7)
    }).pipe(horde({ takes: "5 seconds" }))
  )
})

describe("one job is never looked at twice within a second", () => {
  const workers: ReadonlyArray<HordeServer.WorkerOptions> = [
    { takes: "100 millis", startsAfter: "100 millis" },
    { takes: "7 seconds" },
    { takes: "40 seconds" },
    { takes: "1 minute", startsAfter: "2 minutes" }
  ]
  for (const [index, worker] of workers.entries()) {
    for (const results of ["at the end", "as they arrive"] as const) {
      it.effect(`worker ${index + 1}, results ${results}`, () =>
        Effect.gen(function* () {
          yield* passing(ImageGeneration.generate(small("three", 3), { results }))
          assert.isTrue(gaps(yield* checks).every((gap) => gap >= 1000))
          assert.isTrue(gaps(yield* fetches).every((gap) => gap >= 1000))
          assert.deepStrictEqual(yield* fates, ["finished 0"])
        }).pipe(Effect.withRandom(Random.make(index)), horde(worker))
      )
    }
  }

  it.effect("a job that stays without an estimate is looked at less and less, to every five or six seconds", () =>
    Effect.gen(function* () {
      const blank = { finished: 0, processing: 0, waiting: 1, done: false, wait_time: 0 }
      yield* script(
        Faults.respond(
          { status: 200, contentType: "application/json", body: JSON.stringify(blank) },
          { path: "/v2/generate/check/:id" }
        )
      )
      yield* passing(Effect.flip(ImageGeneration.generate(small(), { deadline: "3 minutes" })))
      const pauses = gaps(yield* checks)
      assert.isTrue(pauses.slice(0, 9).every((pause) => pause >= 1000 && pause <= 1200))
      assert.isTrue(pauses.slice(-10).every((pause) => pause >= 5000 && pause <= 6000))
    }).pipe(horde({ takesJobs: false }))
  )
})
