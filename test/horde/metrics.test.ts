/** Metrics. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect, Metric, type MetricPair, MetricState } from "effect"
import { ImageGeneration, SharedKeys } from "effect-horde"
import { stack } from "../support/stack.js"
import { runToEnd } from "../support/virtualTime.js"

const countOf = (
  pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>,
  name: string,
  tags: Readonly<Record<string, string>>
) =>
  pairs
    .filter(({ metricKey }) => metricKey.name === name)
    .filter(({ metricKey }) => metricKey.tags.every(({ key, value }) => tags[key] === undefined || tags[key] === value))
    .reduce(
      (sum, { metricState }) => sum + (MetricState.isCounterState(metricState) ? Number(metricState.count) : 0),
      0
    )

/** The growth of a counter during an effect: counters belong to the process. */
const grown = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* Metric.snapshot
    yield* effect
    const after = yield* Metric.snapshot
    return (name: string, tags: Readonly<Record<string, string>> = {}) =>
      countOf(after, name, tags) - countOf(before, name, tags)
  })

describe("metrics", () => {
  it.effect("metrics count submits, polls, cancels, retries and failures", () =>
    Effect.gen(function* () {
      const { faults } = yield* HordeServer.HordeServer
      yield* faults.script(Faults.respond({ status: 503 }, { path: "/v2/generate/check/:id", times: 1 }))
      const work = Effect.gen(function* () {
        yield* ImageGeneration.generate({ prompt: "a quiet bay", params: { width: 64, height: 64 } })
        yield* Effect.scoped(ImageGeneration.submit({ prompt: "not wanted any more" }))
        yield* Effect.either(SharedKeys.get(SharedKeys.sharedKeyId("nobody's")))
      })
      const count = yield* grown(runToEnd(work))
      assert.strictEqual(count("horde_calls_total", { endpoint: "ImageGeneration/Submit", outcome: "success" }), 2)
      assert.isAtLeast(count("horde_calls_total", { endpoint: "ImageGeneration/Check", outcome: "success" }), 1)
      assert.strictEqual(count("horde_calls_total", { endpoint: "SharedKeys/Get", outcome: "Unauthorized" }), 1)
      assert.strictEqual(count("horde_retries_total", { endpoint: "ImageGeneration/Check" }), 1)
      assert.strictEqual(count("horde_cancels_total"), 1)
    }).pipe(Effect.provide(stack()))
  )
})
