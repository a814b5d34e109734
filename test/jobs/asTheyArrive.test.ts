/** Results one by one, while others are still drawn. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect, Stream } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { cancels, fates, fetches, passing, script, small, timed } from "../support/life.js"
import { stack } from "../support/stack.js"

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

/** The most requests that fell into one minute, wherever it begins. */
const busiestMinute = (times: ReadonlyArray<{ readonly at: number }>) =>
  Math.max(...times.map(({ at }) => times.filter((other) => other.at >= at && other.at < at + 60_000).length))

describe("results as they arrive", () => {
  it.effect("each comes once, and all of them together at the end", () =>
    Effect.gen(function* () {
      const events = yield* passing(run(4))
      const arrived = arrivedIn(events)
      const finished = finishedIn(events)
      assert.lengthOf(finished, 4)
      assert.lengthOf(arrived, 4)
      assert.lengthOf(new Set(arrived.map(({ id }) => id)), arrived.length)
      assert.isTrue(arrived.every((picture) => finished.includes(picture)))
      assert.strictEqual(events[0]?._tag, "Submitted")
      assert.deepStrictEqual(yield* fates, ["finished 0"])
    }).pipe(horde("20 seconds"))
  )

  it.effect("are fetched at most ten times a minute, the last fetch included", () =>
    Effect.gen(function* () {
      const events = yield* passing(run(20))
      assert.lengthOf(finishedIn(events), 20)
      assert.isAtMost(busiestMinute(yield* fetches), 10)
      assert.lengthOf(arrivedIn(events), 20)
      assert.isTrue((yield* fetches).every(({ status }) => status === 200))
    }).pipe(horde("3 seconds"))
  )

  it.effect("leave a turn for the last fetch", () =>
    Effect.gen(function* () {
      const { took } = yield* passing(timed(run(13)))
      // the thirteenth picture is there after 40 seconds
      assert.isBelow(took, 45_000)
    }).pipe(horde("3 seconds"))
  )

  it.effect("are fetched once where they come together", () =>
    Effect.gen(function* () {
      const events = yield* passing(run(2))
      assert.lengthOf(finishedIn(events), 2)
      assert.isAtMost((yield* fetches).length, 2)
    }).pipe(horde("500 millis"))
  )

  it.effect("are downloaded once each", () =>
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
      yield* passing(run(4))
      assert.strictEqual(downloads, 4)
    }).pipe(horde("20 seconds"))
  )

  it.effect("that arrived are kept when the stream is dropped, and the job cancelled", () =>
    Effect.gen(function* () {
      const events = ImageGeneration.progress(small("a quiet bay", 3), { results: "as they arrive" })
      const first = yield* passing(Stream.runHead(Stream.filter(events, (event) => event._tag === "Arrived")))
      assert.strictEqual(first._tag, "Some")
      assert.deepStrictEqual(yield* fates, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(horde("20 seconds"))
  )

  it.effect("do not hide one that cannot be had: the others arrive, and the end says so", () =>
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
      const error = yield* passing(Effect.flip(waiting))
      assert(error._tag === "DownloadFailed")
      assert.lengthOf(error.partial, 2)
      assert.isAtMost(busiestMinute(yield* fetches), 10)
    }).pipe(horde("20 seconds"))
  )
})

describe("results at the end", () => {
  it.effect("are fetched once, however many there are", () =>
    Effect.gen(function* () {
      const events = yield* passing(Stream.runCollect(ImageGeneration.progress(small("a quiet bay", 6))))
      assert.lengthOf(finishedIn(Array.from(events)), 6)
      assert.lengthOf(arrivedIn(Array.from(events)), 0)
      assert.lengthOf(yield* fetches, 1)
    }).pipe(horde("3 seconds"))
  )
})
