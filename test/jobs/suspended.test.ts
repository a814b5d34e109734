/** Suspended machines and changed clocks: neither loses a result nor prolongs a wait. */

import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Clock, Effect, Layer, Redacted } from "effect"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as Status from "effect-horde/Status"
import { type ShiftWallClock, withDriftingClock } from "../support/driftingClock.js"
import { checkOf, generation, jobServer, running, statusOf } from "../support/jobServer.js"
import { json, server } from "../support/scripted.js"
import { baseUrl } from "../support/stack.js"
import { runToEnd } from "../support/virtualTime.js"

const minute = 60_000
const request = { prompt: "a quiet bay" }

/** The monotonic clock. */
const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** The network of a machine that has just resumed: it returns after some time. */
const withNetwork = (inner: Layer.Layer<HttpClient.HttpClient>, isUp: () => Effect.Effect<boolean>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.make((request) =>
        Effect.flatMap(isUp(), (up) =>
          up
            ? client.execute(request)
            : Effect.fail(
                new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error("offline") })
              )
        )
      )
    )
  ).pipe(Layer.provide(inner))

/** A job that runs when the machine is suspended for 30 minutes, and is over when the machine resumes. */
const suspended = (offlineFor: number, results: () => ReadonlyArray<unknown>) => (shift: ShiftWallClock) =>
  Effect.gen(function* () {
    let isOver = false
    let upAt = 0
    const scripted = jobServer({
      check: () => json(200, isOver ? checkOf() : running),
      status: () => json(200, isOver ? statusOf(results()) : statusOf([], running)),
      cancel: () => json(200, statusOf(results()))
    })
    const network = withNetwork(scripted.client, () => Effect.map(now, (at) => at >= upAt))
    const program = Effect.gen(function* () {
      const drawing = yield* Effect.fork(Effect.either(ImageGeneration.generate(request)))
      yield* Effect.sleep("1 minute")
      yield* shift(30 * minute)
      isOver = true
      upAt = (yield* now) + offlineFor
      return yield* drawing
    })
    const horde = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) }).pipe(Layer.provide(network))
    const ended = yield* runToEnd(program, "1 second").pipe(Effect.provide(horde))
    return { ended, counts: scripted.counts }
  })

describe("jobs that finish while the machine is suspended", () => {
  for (const [title, offlineFor] of [
    ["a job that finishes during a suspension succeeds if the network is available", 0],
    ["a job that finishes during a suspension succeeds if the network returns 25 seconds later", 25_000]
  ] as const) {
    it.effect(title, () =>
      withDriftingClock((shift) =>
        Effect.gen(function* () {
          const { counts, ended } = yield* suspended(offlineFor, () => [generation(1)])(shift)
          assert(ended._tag === "Right")
          assert.lengthOf(ended.right, 1)
          assert.strictEqual(counts.cancel, 0)
        })
      )
    )
  }

  it.effect("a job without results after a suspension fails with JobTimedOut after the server's reply", () =>
    withDriftingClock((shift) =>
      Effect.gen(function* () {
        const { counts, ended } = yield* suspended(25_000, () => [])(shift)
        assert(ended._tag === "Left")
        assert.strictEqual(ended.left._tag, "JobTimedOut")
        assert.strictEqual(counts.cancel, 1)
      })
    )
  )
})

describe("changes of the system clock", () => {
  const heartbeat = server(() => json(200, { message: "OK" }))

  const endpoint = (
    limit: Layer.Layer<RateLimit.RateLimit>,
    retry: Layer.Layer<Retry.Retry>,
    layer = heartbeat.layer
  ) => Status.layer.pipe(Layer.provide(HordeClient.layer({ baseUrl })), Layer.provide([limit, retry, layer]))

  for (const [direction, hours] of [
    ["back", -1],
    ["forward", 1]
  ] as const) {
    it.effect(`a clock that is set ${direction} by an hour does not prolong the wait for the rate limit`, () =>
      withDriftingClock((shift) =>
        Effect.gen(function* () {
          const limits = RateLimit.layerWith({ limits: () => [{ max: 2, per: "10 seconds", key: "endpoint" }] })
          const calls = Effect.gen(function* () {
            const started = yield* now
            yield* Effect.replicateEffect(Status.heartbeat, 2)
            yield* shift(hours * 60 * minute)
            yield* Status.heartbeat
            return (yield* now) - started
          })
          const took = yield* runToEnd(calls, "1 second").pipe(Effect.provide(endpoint(limits, Retry.layerNone)))
          assert.strictEqual(took, 10_000)
        })
      )
    )

    it.effect(`a clock that is set ${direction} by an hour neither ends nor prolongs the retries of a call`, () =>
      withDriftingClock((shift) =>
        Effect.gen(function* () {
          let sent = 0
          const busy = server(() => (++sent < 3 ? json(503, { message: "busy" }) : json(200, { message: "OK" })))
          const calls = Effect.gen(function* () {
            const started = yield* now
            const fiber = yield* Effect.fork(Status.heartbeat)
            yield* Effect.sleep("600 millis")
            yield* shift(hours * 60 * minute)
            yield* fiber
            return (yield* now) - started
          })
          const took = yield* runToEnd(calls, "100 millis").pipe(
            Effect.provide(endpoint(RateLimit.layerNone, Retry.layer(), busy.layer))
          )
          assert.isAtMost(took, 2000)
          assert.strictEqual(sent, 3)
        })
      )
    )
  }

  it.effect("a clock that is set back by an hour does not make a job wait for an hour", () =>
    withDriftingClock((shift) =>
      Effect.gen(function* () {
        const scripted = jobServer({ check: (index) => json(200, index < 3 ? running : checkOf()) })
        const program = Effect.gen(function* () {
          const started = yield* now
          const drawing = yield* Effect.fork(ImageGeneration.generate(request))
          yield* Effect.sleep("5 seconds")
          yield* shift(-60 * minute)
          yield* drawing
          return (yield* now) - started
        })
        assert.isBelow(yield* runToEnd(program, "1 second").pipe(scripted.run), minute)
      })
    )
  )
})
