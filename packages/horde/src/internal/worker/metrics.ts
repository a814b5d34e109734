/** The metrics of workers, tagged with the kind of their jobs. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Kind } from "../jobs/ticket.js"

const done = Metric.counter("horde_worker_jobs_done_total", {
  description: "Jobs of workers whose result the server accepted",
  incremental: true
})

const failed = Metric.counter("horde_worker_jobs_failed_total", {
  description: "Jobs of workers that were not delivered",
  incremental: true
})

const kudos = Metric.counter("horde_worker_kudos_total", {
  description: "Kudos that the server reported as reward",
  incremental: true
})

const increment = (metric: typeof done, kind: Kind, by: number): Effect.Effect<void> =>
  Metric.incrementBy(Metric.tagged(metric, "kind", kind.replace("popped ", "")), by)

export const countDone = (kind: Kind, reward: number | undefined): Effect.Effect<void> =>
  Effect.zipRight(increment(done, kind, 1), increment(kudos, kind, reward ?? 0))

export const countFailed = (kind: Kind): Effect.Effect<void> => increment(failed, kind, 1)
