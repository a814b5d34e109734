/** Follows one job to its end, as a stream of events or up to its results. */
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Progress } from "../../Job.js"
import type { JobError } from "../errors/jobErrors.js"
import { monotonicMillis, monotonicMillisOf } from "../platform/monotonic.js"
import { handleReply, type Step, type Wait } from "./handleReply.js"
import type { State } from "./lifecycle.js"
import * as lifecycle from "./lifecycle.js"
import { defaultConcurrency } from "./results.js"
import type { JobNotFound, PollError, Source } from "./source.js"
import type { WaitSettings } from "./waitSettings.js"
import type { Service as Watcher } from "./watcher.js"

/** The wait of one consumer for a job. */
export interface Following<Check, Reply extends Check, Result, E> {
  readonly watcher: Watcher
  readonly source: Source<Check, Reply, Result, E>
  readonly settings: WaitSettings
  /** The number of concurrent downloads. */
  readonly concurrency?: number
  /**
   * Cancels the job and returns its results. It is used when the wait is given up, and is `None` if the job should
   * survive the wait.
   */
  readonly cancel?: Option.Option<Effect.Effect<Reply, E | JobNotFound>>
}

/** Waits for the next reply, and handles it. A job waits here for most of its life, so nothing else is in memory. */
const step = <Check, Reply extends Check, Result, E extends PollError>(
  wait: Wait<Check, Reply, Result, E>,
  state: State<Result>
): Effect.Effect<Step<Check, Result>, E | JobError<Result>> =>
  Effect.clockWith((clock) => {
    const { settings, source, subscription } = wait
    const now = monotonicMillisOf(clock)
    const left = DateTime.toEpochMillis(source.ticket.deadline) - clock.unsafeCurrentTimeMillis()
    const { after, request, within } = lifecycle.next(settings, state, now, left)
    const until = now + within
    if (within <= 0) return handleReply(wait, state, request, until, { _tag: "TimedOut" })
    const poll = { kind: request, due: now + after, deadline: until, expectedEnd: now + state.pace.remaining }
    return Effect.flatMap(subscription.next(poll), (observation) =>
      handleReply(wait, state, request, until, observation)
    )
  })

/** Subscribes to the job until the scope closes. Returns the wait, and its first state. */
const start = <Check, Reply extends Check, Result, E>({
  cancel = Option.none(),
  concurrency = defaultConcurrency,
  settings,
  source,
  watcher
}: Following<Check, Reply, Result, E>) =>
  Effect.gen(function* () {
    const { ticket } = source
    const subscription = yield* watcher.subscribe(`${ticket.kind} ${Redacted.value(ticket.id)}`, source.polls)
    const began = yield* monotonicMillis
    const wait: Wait<Check, Reply, Result, E> = {
      source,
      settings: {
        expected: ticket.expected,
        wantsEach: settings.wantsEach,
        impossibleAfter: settings.impossibleAfter
      },
      concurrency,
      cancel,
      subscription,
      began
    }
    const state: State<Result> = lifecycle.start(began)
    return { wait, state }
  })

/** The events of a job, from now to its end. */
export const progressOf = <Check, Reply extends Check, Result, E extends PollError>(
  following: Following<Check, Reply, Result, E>
): Stream.Stream<Progress<Result, Check>, E | JobError<Result>> =>
  Stream.unwrapScoped(
    Effect.map(start(following), ({ state, wait }) => Stream.paginateChunkEffect(state, (state) => step(wait, state)))
  )

const stepsToEnd = <Check, Reply extends Check, Result, E extends PollError>(
  wait: Wait<Check, Reply, Result, E>,
  state: State<Result>
): Effect.Effect<ReadonlyArray<Result>, E | JobError<Result>> =>
  Effect.flatMap(step(wait, state), ([events, after]) => {
    if (Option.isSome(after)) return stepsToEnd(wait, after.value)
    const last = Option.getOrUndefined(Chunk.last(events))
    return Effect.succeed(last?._tag === "Finished" ? last.results : [])
  })

/** The results of a job at its end, without a stream: a job that waits needs less memory. */
export const resultsAtEnd = <Check, Reply extends Check, Result, E extends PollError>(
  following: Following<Check, Reply, Result, E>
): Effect.Effect<ReadonlyArray<Result>, E | JobError<Result>, Scope.Scope> =>
  Effect.flatMap(start(following), ({ state, wait }) => stepsToEnd(wait, state))
