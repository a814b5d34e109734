/**
 * Spans and metrics of a running program through OpenTelemetry, printed here instead of sent to a collector. They contain
 * no keys and no ids.
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

/** Scripted fault of the embedded horde: one poll of the job fails, so that the metrics show a repeat. */
const faults = [Faults.respond({ status: 503 }, { method: "GET", path: "/v2/generate/check/:id", times: 1 })]

const work = Effect.gen(function* () {
  yield* ImageGeneration.generate({ prompt: "a kite over the sea" })
  // submitted and not awaited: the closing scope cancels it
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
    if (!descriptor.name.startsWith("horde_")) continue // Effect's own metrics count fibers
    for (const { attributes, value } of dataPoints) {
      yield* Console.log(`  ${descriptor.name} ${JSON.stringify(attributes)} ${value}`)
    }
  }
})

program.pipe(Effect.provide([Here.layer({ takes: "1 second" }, faults), Telemetry]), NodeRuntime.runMain)
