/** Results that arrive one by one while others are still drawn. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Clock, Effect, FastCheck, Layer, Redacted, Stream } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { record, untilNext } from "../../packages/horde/src/internal/jobs/fetchBudget.js"
import { endpoints, json, server } from "../support/scripted.js"
import { baseUrl, stack } from "../support/stack.js"
import { cancels, fetches, jobOutcomes, runToEnd, script, small, timed } from "../support/virtualTime.js"

const horde = (takes: "500 millis" | "3 seconds" | "20 seconds") =>
  Effect.provide(stack({ server: { worker: { takes } } }))

const run = (n: number) =>
  Effect.map(
    Stream.runCollect(ImageGeneration.progress(small("a quiet bay", n), { results: "as they arrive" })),
    (chunk) => Array.from(chunk)
  )

const arrivedIn = (events: ReadonlyArray<ImageGeneration.Progress>) =>
  events.flatMap((event) => (event._tag === "Arrived" ? [event.result] : []))

const finishedIn = (events: ReadonlyArray<ImageGeneration.Progress>) => {
  const last = events.at(-1)
  assert(last?._tag === "Finished")
  return last.results
}

const gif = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

/** When each result arrives, for a job whose results are ready at these times, with `wait_time` 31 throughout. */
const arrivals = (ready: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const scripted = server(({ method, url }) => {
      if (method === "POST") return json(202, { id: "a-job", kudos: 1 })
      const finished = ready.filter((at) => at <= clock.unsafeCurrentTimeMillis()).length
      const isDone = finished === ready.length
      const check = {
        finished,
        processing: isDone ? 0 : 1,
        waiting: isDone ? 0 : ready.length - finished - 1,
        done: isDone,
        wait_time: isDone ? 0 : 31,
        queue_position: isDone ? 0 : 1
      }
      if (url.pathname.includes("/check/")) return json(200, check)
      const generations = ready.slice(0, finished).map((at) => ({ id: `result-${at}`, img: gif, seed: "1" }))
      return json(200, { ...check, generations })
    })
    const request = { ...small("a quiet bay", ready.length), r2: false }
    const times = yield* runToEnd(
      ImageGeneration.progress(request, { results: "as they arrive" }).pipe(
        Stream.filter((event) => event._tag === "Arrived"),
        Stream.mapEffect(() => Clock.currentTimeMillis),
        Stream.runCollect,
        Effect.provide(endpoints().pipe(Layer.provide(scripted.layer)))
      ),
      "100 millis"
    )
    return { late: Array.from(times).map((time, index) => time - (ready[index] ?? 0)), sent: scripted.sent }
  })

/** The whole SDK without the rate limit: only the job's own poll intervals delay its requests. */
const unlimited = (takes: "1 second" | "3 seconds" | "7 seconds") =>
  ImageGeneration.layer.pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layerNone, RateLimit.layerNone, Retry.layerNone]),
    Layer.provideMerge(HordeServer.layerClient({ seed: 1, worker: { takes } }))
  )

/** The largest number of requests within any minute. */
const busiestMinute = (times: ReadonlyArray<{ readonly at: number }>) =>
  Math.max(...times.map(({ at }) => times.filter((other) => other.at >= at && other.at < at + 60_000).length))

describe("results as they arrive", () => {
  it.effect("each result arrives once, and all of them are in the last event", () =>
    Effect.gen(function* () {
      const events = yield* runToEnd(run(4))
      const arrived = arrivedIn(events)
      const finished = finishedIn(events)
      assert.lengthOf(finished, 4)
      assert.lengthOf(arrived, 4)
      assert.lengthOf(new Set(arrived.map(({ id }) => id)), arrived.length)
      assert.isTrue(arrived.every((picture) => finished.includes(picture)))
      assert.strictEqual(events[0]?._tag, "Submitted")
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde("20 seconds"))
  )

  it.effect("results are fetched at most ten times a minute, the last fetch included", () =>
    Effect.gen(function* () {
      const events = yield* runToEnd(run(20))
      assert.lengthOf(finishedIn(events), 20)
      assert.isAtMost(busiestMinute(yield* fetches), 10)
      assert.lengthOf(arrivedIn(events), 20)
      assert.isTrue((yield* fetches).every(({ status }) => status === 200))
    }).pipe(horde("3 seconds"))
  )

  for (const takes of ["1 second", "3 seconds", "7 seconds"] as const) {
    it.effect(`results are fetched at most ten times a minute without the rate limit, one in ${takes}`, () =>
      Effect.gen(function* () {
        const events = yield* runToEnd(run(20))
        assert.lengthOf(finishedIn(events), 20)
        assert.isAtMost(busiestMinute(yield* fetches), 10)
        assert.isTrue((yield* fetches).every(({ status }) => status === 200))
      }).pipe(Effect.provide(unlimited(takes)))
    )
  }

  for (const ready of [
    [4000, 13_000, 22_000, 31_000],
    [4000, 6000, 8000, 10_000],
    [15_000, 16_000, 40_000],
    [2000, 31_000]
  ]) {
    it.effect(
      `each result arrives at most three seconds after it is ready, at ${ready.map((at) => at / 1000).join(", ")} s`,
      () =>
        Effect.gen(function* () {
          const { late, sent } = yield* arrivals(ready)
          assert.lengthOf(late, ready.length)
          assert.isTrue(
            late.every((time) => time >= 0 && time <= 3000),
            `late by ${late.join(", ")} ms`
          )
          assert.isAtMost(sent.filter(({ url }) => url.pathname.includes("/status/")).length, ready.length)
        })
    )
  }

  it.effect("results of a job of twenty arrive at most ten seconds late", () =>
    Effect.gen(function* () {
      const { late } = yield* arrivals(Array.from({ length: 20 }, (_, index) => (index + 1) * 3000))
      assert.isTrue(
        late.every((time) => time <= 10_000),
        `late by ${late.join(", ")} ms`
      )
    })
  )

  it.effect("fetches before the end leave room in the limit for the last fetch", () =>
    Effect.gen(function* () {
      const { took } = yield* runToEnd(timed(run(13)))
      // the thirteenth picture is ready after 40 seconds
      assert.isBelow(took, 45_000)
    }).pipe(horde("3 seconds"))
  )

  it.effect("results that are ready together are fetched once", () =>
    Effect.gen(function* () {
      const events = yield* runToEnd(run(2))
      assert.lengthOf(finishedIn(events), 2)
      assert.isAtMost((yield* fetches).length, 2)
    }).pipe(horde("500 millis"))
  )

  it.effect("each result is downloaded once", () =>
    Effect.gen(function* () {
      let downloads = 0
      yield* script(
        Faults.latency("1 second", {
          where: ({ path }) => {
            if (!path.startsWith("/objects/")) return false
            downloads++
            return true
          }
        })
      )
      yield* runToEnd(run(4))
      assert.strictEqual(downloads, 4)
    }).pipe(horde("20 seconds"))
  )

  it.effect("a dropped stream keeps the results that arrived and cancels the job", () =>
    Effect.gen(function* () {
      const events = ImageGeneration.progress(small("a quiet bay", 3), { results: "as they arrive" })
      const first = yield* runToEnd(Stream.runHead(Stream.filter(events, (event) => event._tag === "Arrived")))
      assert.strictEqual(first._tag, "Some")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(horde("20 seconds"))
  )

  it.effect("a failed download does not stop the other results, and the stream fails at its end", () =>
    Effect.gen(function* () {
      let broken: string | undefined
      yield* script(
        Faults.respond(
          { status: 403 },
          {
            where: ({ path }) => {
              if (!path.startsWith("/objects/")) return false
              broken ??= path
              return path === broken
            }
          }
        )
      )
      const waiting = ImageGeneration.generate(small("a quiet bay", 3), { results: "as they arrive" })
      const error = yield* runToEnd(Effect.flip(waiting))
      assert(error._tag === "DownloadFailed")
      assert.lengthOf(error.partial, 2)
      assert.isAtMost(busiestMinute(yield* fetches), 10)
    }).pipe(horde("20 seconds"))
  )
})

describe("results at the end", () => {
  it.effect("results at the end are fetched once, however many there are", () =>
    Effect.gen(function* () {
      const events = yield* runToEnd(Stream.runCollect(ImageGeneration.progress(small("a quiet bay", 6))))
      assert.lengthOf(finishedIn(Array.from(events)), 6)
      assert.lengthOf(arrivedIn(Array.from(events)), 0)
      assert.lengthOf(yield* fetches, 1)
    }).pipe(horde("3 seconds"))
  )
})

describe("fetches of results before the end", () => {
  const steps = FastCheck.array(
    FastCheck.record({
      wait: FastCheck.integer({ min: 0, max: 20_000 }),
      toCome: FastCheck.integer({ min: 1, max: 20 })
    }),
    { maxLength: 60 }
  )

  it.prop(
    "fetches before the end are at most eight a minute and at least a second apart, and never blocked for ever",
    [steps],
    ([all]) => {
      let now = 0
      let fetches: ReadonlyArray<number> = []
      const times: Array<number> = []
      for (const { toCome, wait } of all) {
        now += wait
        const until = untilNext(fetches, toCome, now)
        assert.isAtLeast(until, 0)
        assert.isAtMost(until, 61_000)
        now += until
        fetches = record(fetches, now)
        times.push(now)
      }
      for (const [index, time] of times.entries()) {
        assert.isAtMost(times.filter((other) => other >= time && other < time + 60_000).length, 8)
        assert.isAtLeast(time - (times[index - 1] ?? -1000), 1000)
      }
    }
  )

  it("fetches before the end are immediate while the limit allows one per result, and spread out otherwise", () => {
    assert.strictEqual(untilNext([], 20, 0), 0)
    assert.strictEqual(untilNext([0], 7, 500), 500)
    assert.strictEqual(untilNext([0], 7, 1000), 0)
    assert.strictEqual(untilNext([0], 8, 1000), 6600)
    assert.strictEqual(untilNext([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000], 1, 8000), 53_000)
    assert.strictEqual(untilNext([0], 20, 61_000), 0)
  })
})
