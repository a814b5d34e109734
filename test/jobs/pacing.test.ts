/** The intervals of polls: short enough for prompt results, and no shorter. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, type HordeServer } from "@effect-horde/server"
import { Clock, Effect, FastCheck, Random } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { next, type Observation, start } from "../../packages/horde/src/internal/jobs/pollInterval.js"
import { stack } from "../support/stack.js"
import { cancels, checks, fetches, jobOutcomes, requests, runToEnd, script, small } from "../support/virtualTime.js"

const horde = (worker: HordeServer.WorkerOptions) => Effect.provide(stack({ server: { worker } }))

const gaps = (times: ReadonlyArray<{ readonly at: number }>) =>
  times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? at))

/** A waiting job, with the fields that a test sets. */
const reply = (values: Partial<Observation["check"]> = {}): Observation["check"] => ({
  finished: 0,
  processing: 0,
  waiting: 1,
  queue_position: 1,
  wait_time: 0,
  ...values
})

/** The delays after these replies, each of which arrives when it is due. */
const delaysAfter = (
  replies: ReadonlyArray<Observation["check"]>,
  { awaited = "end", random = 0 }: Partial<Observation> = {}
): ReadonlyArray<number> => {
  let pace = start
  return replies.map((check) => {
    pace = next(pace, { check, elapsed: pace.delay, awaited, random })
    return pace.delay
  })
}

/** The number of polls until a job is over, for the reply that the server gives at each time in milliseconds. */
const pollsUntil = (over: number, replyAt: (time: number, poll: number) => Observation["check"], random = 0) => {
  let pace = start
  let polls = 1
  for (; pace.now + pace.delay < over; polls++) {
    const check = replyAt(pace.now + pace.delay, polls)
    pace = next(pace, { check, elapsed: pace.delay, awaited: "end", random })
  }
  return polls
}

describe("the delay of the next poll", () => {
  const count = FastCheck.integer({ min: 0, max: 20 })
  const odd = FastCheck.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e308, 0)
  const number = (max: number) => FastCheck.oneof(FastCheck.integer({ min: 0, max }), odd)
  const observation = FastCheck.record({
    check: FastCheck.record({
      finished: FastCheck.oneof(count, odd),
      processing: FastCheck.oneof(count, odd),
      waiting: FastCheck.oneof(count, odd),
      queue_position: number(300),
      wait_time: FastCheck.oneof(FastCheck.double({ min: 0, max: 2000, noNaN: true }), odd)
    }),
    elapsed: number(100_000),
    awaited: FastCheck.constantFrom("end" as const, "next result" as const),
    random: FastCheck.double({ min: 0, max: 1, noNaN: true })
  })
  const observations = FastCheck.array(observation, { minLength: 1, maxLength: 60 })

  it.prop("the delay is one to ten seconds plus up to a fifth, for any replies and times", [observations], ([all]) => {
    let pace = start
    for (const one of all) {
      pace = next(pace, one)
      assert.isTrue(Number.isInteger(pace.delay))
      assert.isAtLeast(pace.delay, 1000)
      assert.isAtMost(pace.delay, 12_000)
      assert.isTrue(Number.isFinite(pace.remaining) && pace.remaining >= 0)
    }
  })

  it.prop(
    "the delay grows with the estimate and with the random number",
    [observations, observation, observation],
    ([all, last, other]) => {
      const pace = all.reduce(next, start)
      const numbers = [last.check.wait_time, other.check.wait_time].filter((wait) => wait > 0 && wait <= 2000)
      const randoms = [last.random, other.random]
      const delay = (wait_time: number, random: number) =>
        next(pace, { ...last, check: { ...last.check, wait_time }, random }).delay
      if (numbers.length === 2) assert.isAtMost(delay(Math.min(...numbers), 0), delay(Math.max(...numbers), 0))
      assert.isAtMost(delay(5, Math.min(...randoms)), delay(5, Math.max(...randoms)))
    }
  )

  it.prop(
    "the delay grows with the time without progress",
    [
      FastCheck.integer({ min: 1, max: 60 }),
      FastCheck.array(FastCheck.integer({ min: 1000, max: 12_000 }), { maxLength: 50 }),
      FastCheck.boolean()
    ],
    ([wait_time, steps, isTaken]) => {
      const check = reply(isTaken ? { processing: 1, waiting: 0, queue_position: 0, wait_time } : { wait_time })
      let pace = next(start, { check, elapsed: 1000, awaited: "end", random: 0 })
      for (const elapsed of steps) {
        const later = next(pace, { check, elapsed, awaited: "end", random: 0 })
        assert.isAtLeast(later.delay, pace.delay)
        pace = later
      }
    }
  )

  it("the delay is half of the estimate, or all of two seconds at most, between one and ten seconds, plus up to a fifth", () => {
    const first = (wait_time: number, random: number) =>
      delaysAfter([reply({ processing: 1, waiting: 0, queue_position: 0, wait_time })], { random })[0]
    assert.deepStrictEqual(
      [0, 1, 2, 3, 10, 20, 21, 600].map((wait) => [first(wait, 0), first(wait, 1)]),
      [
        [1000, 1200],
        [1000, 1200],
        [2000, 2400],
        [1500, 1800],
        [5000, 6000],
        [10_000, 12_000],
        [10_000, 12_000],
        [10_000, 12_000]
      ]
    )
  })

  it("the delay is at least two seconds for a waiting job with an estimate", () => {
    assert.deepStrictEqual(delaysAfter([reply({ wait_time: 2 }), reply({ wait_time: 0 })]), [2000, 2000])
    assert.deepStrictEqual(delaysAfter([reply({ wait_time: 1, processing: 1 })]), [1000])
    assert.deepStrictEqual(delaysAfter([reply()]), [1000])
  })

  it("the delay without an estimate grows from the eleventh reply on to five seconds, and restarts with an estimate", () => {
    const replies = [...Array.from({ length: 18 }, () => reply({ wait_time: 0 })), reply({ wait_time: 1 })]
    const delays = delaysAfter(replies)
    assert.deepStrictEqual(delays.slice(8), [1000, 1000, 1300, 1690, 2197, 2856, 3713, 4827, 5000, 5000, 2000])
  })

  it("the delay without an estimate restarts with progress and then grows at once", () => {
    const waiting = Array.from({ length: 18 }, () => reply())
    const drawn = Array.from({ length: 4 }, () => reply({ processing: 1, waiting: 0, queue_position: 0 }))
    assert.deepStrictEqual(delaysAfter([...waiting, ...drawn]).slice(-5), [5000, 1000, 1300, 1690, 2197])
  })

  for (const wait of [Number.NaN, -5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1e308]) {
    it(`the delay ignores an estimate of ${wait}`, () => {
      assert.deepStrictEqual(delaysAfter([reply({ wait_time: wait })]), [1000])
    })
  }

  it("the delay does not depend on a clock that goes backwards or on the time of a suspension", () => {
    const check = reply({ processing: 1, waiting: 0, queue_position: 0, wait_time: 2 })
    const after = (elapsed: number) => {
      const first = next(start, { check, elapsed: 1000, awaited: "end", random: 0 })
      return next(first, { check, elapsed, awaited: "end", random: 0 })
    }
    assert.strictEqual(after(-3_600_000).delay, 2000)
    assert.strictEqual(after(Number.NaN).delay, 2000)
    assert.strictEqual(after(3_600_000).now, 61_000)
  })
})

describe("wrong estimates", () => {
  const always: ReadonlyArray<readonly [string, (poll: number) => number]> = [
    ["1 s", () => 1],
    ["2 s", () => 2],
    ["3 s", () => 3],
    ["1 to 3 s", (poll) => 1 + (poll % 3)]
  ]
  for (const [title, estimate] of always) {
    it(`an estimate of ${title} for a job that waits for 50 s leads to 14 requests at most, submit and fetch included`, () => {
      for (const random of [0, 0.5, 1]) {
        const polls = pollsUntil(50_000, (_, poll) => reply({ wait_time: estimate(poll) }), random)
        assert.isAtMost(polls + 2, 14)
      }
    })
  }

  it("a wrong estimate for a job that runs for 50 s leads to 20 requests at most", () => {
    const drawn = { processing: 1, waiting: 0, queue_position: 0 }
    assert.isAtMost(pollsUntil(50_000, (_, poll) => reply({ ...drawn, wait_time: 1 + (poll % 3) })) + 2, 20)
  })

  it("the delay follows the estimate again once a worker has the job", () => {
    const waiting = Array.from({ length: 10 }, () => reply({ wait_time: 2 }))
    const drawn = Array.from({ length: 4 }, () => reply({ processing: 1, waiting: 0, queue_position: 0, wait_time: 1 }))
    assert.deepStrictEqual(delaysAfter([...waiting, ...drawn]).slice(-5), [6000, 1000, 1000, 1000, 1000])
  })

  it("the delay follows the estimate while the job takes less than twice as long", () => {
    const over = 40_000
    const estimate = (time: number) => Math.max(0, Math.round((over - time) / 2000))
    const drawn = { processing: 1, waiting: 0, queue_position: 0 }
    let pace = start
    while (pace.now + pace.delay < over) {
      const check = reply({ ...drawn, wait_time: estimate(pace.now + pace.delay) })
      pace = next(pace, { check, elapsed: pace.delay, awaited: "end", random: 0 })
    }
    assert.isAtMost(pace.delay, 1300)
  })

  it("the delay follows the speed of the queue if that is slower than the estimate", () => {
    // the queue moves by one place in five seconds and then in fifteen, so nine places take much longer than a second
    const delays = delaysAfter([10, 10, 9, 9, 8].map((queue_position) => reply({ queue_position, wait_time: 1 })))
    assert.deepStrictEqual(delays.slice(0, 2), [2000, 2000])
    assert.strictEqual(delays[2], 10_000)
    assert.isAtLeast(delays[4] ?? 0, 9000)
  })

  it("the delay grows half as fast while a worker has the job", () => {
    const drawn = Array.from({ length: 12 }, () =>
      reply({ processing: 1, waiting: 0, queue_position: 0, wait_time: 2 })
    )
    const growing = delaysAfter(drawn).filter((delay) => delay > 1000 && delay < 6000)
    assert.isAtLeast(growing.length, 3)
  })

  it("the delay does not grow while the worker is as fast as the queue was per place", () => {
    let pace = start
    const pass = (elapsed: number, check: Observation["check"]) => {
      pace = next(pace, { check, elapsed, awaited: "end", random: 0 })
    }
    for (const queue_position of [3, 2, 1]) pass(10_000, reply({ queue_position, wait_time: 1 }))
    for (let second = 0; second < 14; second++)
      pass(1000, reply({ processing: 1, waiting: 0, queue_position: 0, wait_time: 1 }))
    assert.strictEqual(pace.delay, 1000)
  })

  it("the speed of the queue is measured anew after the job moves back in the queue", () => {
    const delays = delaysAfter([5, 4, 9].map((queue_position) => reply({ queue_position, wait_time: 1 })))
    assert.strictEqual(delays[2], 5000)
  })
})

describe("the delay of the next of several results", () => {
  const drawn = (wait_time: number) => reply({ processing: 1, waiting: 3, wait_time })

  it("the delay of one result follows its share of the estimate", () => {
    assert.deepStrictEqual(delaysAfter([drawn(12)], { awaited: "next result" }), [1500])
    assert.deepStrictEqual(delaysAfter([drawn(12)]), [6000])
  })

  it("the delay of one result starts below two seconds and grows to a tenth of the result's time", () => {
    const delays = delaysAfter(
      Array.from({ length: 80 }, () => drawn(1000)),
      { awaited: "next result" }
    )
    assert.isTrue(delays.slice(0, 8).every((delay) => delay === 1600))
    assert.strictEqual(delays.at(-1), 10_000)
    const at = delays.reduce((sum, delay) => (sum < 50_000 ? sum + delay : sum), 0)
    assert.isAbove(at, 50_000)
  })

  it("the delay of one result is short again after each result, even from the same worker", () => {
    const checks = [...Array.from({ length: 40 }, () => drawn(1000)), { ...drawn(1000), finished: 1 }]
    const delays = delaysAfter(checks, { awaited: "next result" })
    assert.isAbove(delays.at(-2) ?? 0, 5000)
    assert.strictEqual(delays.at(-1), 1600)
  })

  it("the delay of one result grows faster while no worker has the job", () => {
    const waiting = delaysAfter(
      Array.from({ length: 10 }, () => reply({ waiting: 4, wait_time: 1000 })),
      {
        awaited: "next result"
      }
    )
    const taken = delaysAfter(
      Array.from({ length: 10 }, () => drawn(1000)),
      { awaited: "next result" }
    )
    assert.isAbove(waiting.at(-1) ?? 0, taken.at(-1) ?? 0)
  })

  it("the delay of a single result is that of the whole job", () => {
    const only = reply({ processing: 1, waiting: 0, queue_position: 0, wait_time: 60 })
    assert.deepStrictEqual(delaysAfter([only], { awaited: "next result" }), [10_000])
  })
})

describe("a job with an estimate of 2 s that takes 48 s", () => {
  it.effect(
    "a job with an estimate of 2 s that takes 48 s needs 15 requests at most and ends within seven seconds",
    () =>
      Effect.gen(function* () {
        const drawing = Effect.zip(ImageGeneration.generate(small()), Clock.currentTimeMillis)
        const [, endedAt] = yield* runToEnd(drawing)
        assert.isAtMost((yield* requests()).filter(({ path }) => path.includes("/v2/generate/")).length, 15)
        assert.isAtMost(endedAt, 57_000)
      }).pipe(horde({ startsAfter: "48 seconds", takes: "2 seconds" }))
  )
})

describe("a job of five minutes", () => {
  for (const [title, step] of [
    ["in steps of a second", "1 second"],
    ["in one jump", "10 minutes"]
  ] as const) {
    it.effect(`a job of five minutes completes ${title} with few requests`, () =>
      Effect.gen(function* () {
        const drawing = Effect.zip(ImageGeneration.generate(small()), Clock.currentTimeMillis)
        const [pictures, endedAt] = yield* runToEnd(drawing, step)
        assert.lengthOf(pictures, 1)
        // the picture is ready after 300 seconds: 180 in the queue, 120 in progress
        assert.isAtLeast(endedAt, 300_000)
        assert.isAtMost(endedAt, 312_000)
        assert.lengthOf(yield* fetches, 1)
        assert.lengthOf(yield* cancels, 0)
        assert.isAtMost((yield* requests()).length, 45)
      }).pipe(horde({ startsAfter: "3 minutes", takes: "2 minutes" }))
    )
  }

  it.effect("a short job ends soon after its picture is ready", () =>
    Effect.gen(function* () {
      const { at, pictures } = yield* runToEnd(
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

describe("polls of one job are at least a second apart", () => {
  const workers: ReadonlyArray<HordeServer.WorkerOptions> = [
    { takes: "100 millis", startsAfter: "100 millis" },
    { takes: "7 seconds" },
    { takes: "40 seconds" },
    { takes: "1 minute", startsAfter: "2 minutes" }
  ]
  for (const [index, worker] of workers.entries()) {
    for (const results of ["at the end", "as they arrive"] as const) {
      it.effect(`polls of one job are at least a second apart: worker ${index + 1}, results ${results}`, () =>
        Effect.gen(function* () {
          yield* runToEnd(ImageGeneration.generate(small("three", 3), { results }))
          assert.isTrue(gaps(yield* checks).every((gap) => gap >= 1000))
          assert.isTrue(gaps(yield* fetches).every((gap) => gap >= 1000))
          assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
        }).pipe(Effect.withRandom(Random.make(index)), horde(worker))
      )
    }
  }

  it.effect("a job without an estimate is polled at growing intervals of up to six seconds", () =>
    Effect.gen(function* () {
      const blank = { finished: 0, processing: 0, waiting: 1, done: false, wait_time: 0 }
      yield* script(
        Faults.respond(
          { status: 200, contentType: "application/json", body: JSON.stringify(blank) },
          { path: "/v2/generate/check/:id" }
        )
      )
      yield* runToEnd(Effect.flip(ImageGeneration.generate(small(), { deadline: "3 minutes" })))
      const pauses = gaps(yield* checks)
      assert.isTrue(pauses.slice(0, 9).every((pause) => pause >= 1000 && pause <= 1200))
      assert.isTrue(pauses.slice(-10).every((pause) => pause >= 5000 && pause <= 6000))
    }).pipe(horde({ takesJobs: false }))
  )
})
