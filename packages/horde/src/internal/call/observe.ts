/** The span and the metric of a call. */
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricKey from "effect/MetricKey"
import * as Tracer from "effect/Tracer"
import type * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import type { Declaration } from "./declaration.js"

/** Whether spans are kept: Effect's default tracer keeps none, so that they need not be made. */
export const isTraced: Effect.Effect<boolean> = Effect.tracerWith((tracer) =>
  Effect.succeed(tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer))
)

const ignoreReply = (): Effect.Effect<void> => Effect.void

const annotateStatus = (status: number | undefined): Effect.Effect<void> =>
  status === undefined ? Effect.void : Effect.annotateCurrentSpan("http.response.status_code", status)

const calls = MetricKey.counter("horde_calls_total", {
  description: "Finished calls, by endpoint and by outcome: success, or the tag of the error",
  incremental: true
})

/** The counters of one endpoint by outcome, made once: creating a tagged metric costs more than counting. */
const countersOf = (endpoint: string): ((outcome: string) => Effect.Effect<void>) => {
  const counts = new Map<string, Effect.Effect<void>>()
  return (outcome) => {
    let count = counts.get(outcome)
    if (count === undefined) {
      const key = MetricKey.tagged(MetricKey.tagged(calls, "endpoint", endpoint), "outcome", outcome)
      count = Metric.increment(Metric.fromMetricKey(key))
      counts.set(outcome, count)
    }
    return count
  }
}

/**
 * Runs a call in a span and counts its outcome. The call passes each reply to `onReply`, which adds the status to the
 * span. No span is made while the tracer is Effect's default one.
 */
export const observe = (name: string, { method, path }: Declaration) => {
  const count = countersOf(name)
  const countSuccess = count("success")
  const attributes = { "http.request.method": method, "url.template": path }
  const span = { kind: "client", captureStackTrace: false, attributes } as const
  const spanName = `horde.${name.replace("/", ".")}`

  return <A, E extends HordeError.CallError, R>(
    call: (onReply: (reply: Reply) => Effect.Effect<void>) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> => {
    const counted = (result: Effect.Effect<A, E, R>) =>
      Effect.matchEffect(result, {
        onSuccess: (value) => Effect.as(countSuccess, value),
        onFailure: (error) => Effect.zipRight(count(error._tag), Effect.fail(error))
      })
    return Effect.flatMap(isTraced, (isTraced) => {
      if (!isTraced) return counted(call(ignoreReply))
      return counted(call(({ status }) => annotateStatus(status))).pipe(
        Effect.tapError(({ status }) => annotateStatus(status)),
        Effect.withSpan(spanName, span)
      )
    })
  }
}
