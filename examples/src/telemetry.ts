/**
 * What a running program shows of itself: spans and metrics through OpenTelemetry, printed here instead of sent to a
 * collector. Keys and ids are not in them.
 *
 * Run with: npm run example -- telemetry
 */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Faults } from "@effect-horde/server"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Console, Effect } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"

const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 })

const Telemetry = NodeSdk.layer(() => ({
  resource: { serviceName: "telemetry-example" },
  spanProcessor: new SimpleSpanProcessor(spans),
  metricReader: reader
}))

/** On the embedded horde, one look at the job fails, so that there is a repeat to be seen. */
const trouble = [Faults.respond({ status: 503 }, { method: "GET", path: "/v2/generate/check/:id", times: 1 })]

const work = Effect.gen(function* () {
  yield* ImageGeneration.generate({ prompt: "a kite over the sea" })
  // submitted, and not waited for: the closing scope cancels it
  yield* Effect.scoped(ImageGeneration.submit({ prompt: "never mind" }))
}).pipe(Effect.withSpan("my program"))

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)
  yield* work

  yield* Console.log("spans:")
  for (const span of spans.getFinishedSpans()) {
    yield* Console.log(`  ${span.name} ${JSON.stringify(span.attributes)}`)
  }

  yield* Effect.promise(() => reader.forceFlush())
  yield* Console.log("\nmetrics:")
  const last = metrics.getMetrics().at(-1)
  for (const { descriptor, dataPoints } of last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []) {
    if (!descriptor.name.startsWith("horde_")) continue // Effect's own count fibers
    for (const { attributes, value } of dataPoints) {
      yield* Console.log(`  ${descriptor.name} ${JSON.stringify(attributes)} ${value}`)
    }
  }
})

program.pipe(Effect.provide([Here.layer({ takes: "1 second" }, trouble), Telemetry]), NodeRuntime.runMain)
