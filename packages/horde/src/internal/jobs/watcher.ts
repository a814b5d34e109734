/**
 * Polls the jobs of a layer for all their subscribers, within a budget. A waiting subscriber has no fiber of its own here:
 * there is one sleeping fiber for all jobs, and one fiber for each request that is sent.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { monotonicMillis } from "../platform/monotonic.js"
import { type Queued, TimeQueue } from "./timeQueue.js"

/**
 * The requests of one job: one for its state, and one that also returns its results. A kind of job without the first is
 * polled with the second.
 *
 * @since 0.1.0
 * @category models
 */
export interface Polls<Check, Reply, E> {
  readonly check?: Effect.Effect<Check, E>
  readonly fetch: Effect.Effect<Reply, E>
}

/**
 * The next poll that a subscriber needs. All times are in milliseconds of the monotonic clock.
 *
 * @since 0.1.0
 * @category models
 */
export interface PollRequest {
  /** `last` is a fetch that does not wait for a running poll. */
  readonly kind: "check" | "fetch" | "last"
  readonly due: number
  /** The time at which the subscriber stops waiting. */
  readonly deadline: number
  /** The time at which the job is expected to end: if the budget is used up, jobs with the earliest time go first. */
  readonly expectedEnd: number
}

/**
 * The reply to a request of any subscriber, which may come earlier than the own one.
 *
 * @since 0.1.0
 * @category models
 */
export type Observation<Check, Reply, E> =
  | { readonly _tag: "Checked"; readonly sentAt: number; readonly answer: Either.Either<Check, E> }
  | { readonly _tag: "Fetched"; readonly sentAt: number; readonly answer: Either.Either<Reply, E> }
  | { readonly _tag: "TimedOut" }

/**
 * One subscriber of a job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subscription<Check, Reply, E> {
  /** Waits for the next reply. */
  readonly next: (request: PollRequest) => Effect.Effect<Observation<Check, Reply, E>>
  /** Runs an effect, such as a download, once for all current subscribers of the job. The key identifies it. */
  readonly share: <A, E>(key: string, effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Subscribes to a job until the scope closes. The job is polled while a subscriber waits, in the context of one of the
   * subscribers.
   */
  readonly subscribe: <Check, Reply, E>(
    job: string,
    polls: Polls<Check, Reply, E>
  ) => Effect.Effect<Subscription<Check, Reply, E>, never, Scope.Scope>
}

type AnyObservation = Observation<unknown, unknown, unknown>

interface Subscriber {
  readonly polls: Polls<unknown, unknown, unknown>
  readonly runtime: Runtime.Runtime<never>
  waiting:
    | { readonly request: PollRequest; readonly resume: (result: Effect.Effect<AnyObservation>) => void }
    | undefined
}

interface Running {
  readonly kind: "check" | "fetch"
  readonly sentAt: number
  fiber: Fiber.RuntimeFiber<unknown> | undefined
}

/** A shared effect, and the subscribers that have not used its result yet. */
interface Shared {
  readonly exit: Deferred.Deferred<Exit.Exit<unknown, unknown>>
  readonly users: Set<Subscriber>
}

/** A job with at least one subscriber. */
interface Watch {
  readonly job: string
  subscribers: ReadonlyArray<Subscriber>
  /** Created when an effect is shared. */
  shared: Map<string, Shared> | undefined
  /** Its position among the times at which a request is due or a subscriber stops waiting. */
  timer: Queued<Watch> | undefined
  /** Its position among the due requests that wait for the budget. */
  ready: Queued<Watch> | undefined
  running: Running | undefined
  lastSentAt: number
}

/** The server caches the state of a job for a second. */
const shortestInterval = 1000

/** A due request overtakes requests of jobs with an earlier expected end after this time. */
const longestWait = 5 * 60_000

export const make = (pollsPerSecond: number): Service => {
  const watches = new Map<string, Watch>()
  const timers = new TimeQueue<Watch>()
  const ready = new TimeQueue<Watch>()
  const interval = 1000 / pollsPerSecond
  /** The time from which the budget allows the next request. */
  let nextSend = Number.NEGATIVE_INFINITY
  let isRunning = false
  let sleeper: { readonly until: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined

  /** The time at which a poll may be sent. */
  const dueOf = (watch: Watch, { due, kind }: PollRequest): number =>
    kind === "check" ? Math.max(due, watch.lastSentAt + shortestInterval) : due

  const requestsOf = (watch: Watch): ReadonlyArray<PollRequest> =>
    watch.subscribers.flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting.request]))

  /** Whether the running poll, if any, does not answer a request. */
  const needsPoll = ({ running }: Watch, { due, kind }: PollRequest): boolean =>
    running === undefined || (kind === "last" && (running.kind === "check" || running.sentAt < due))

  const unqueue = (watch: Watch): void => {
    if (watch.timer !== undefined) timers.remove(watch.timer)
    if (watch.ready !== undefined) ready.remove(watch.ready)
    watch.timer = undefined
    watch.ready = undefined
  }

  /** Updates the positions of a watch in both queues. A poll without a waiting subscriber is interrupted. */
  const enqueue = (watch: Watch, now: number): void => {
    unqueue(watch)
    const requests = requestsOf(watch)
    if (requests.length === 0) interrupt(watch)
    let timer = Math.min(...requests.map(({ deadline }) => deadline))
    let priority = Number.POSITIVE_INFINITY
    for (const request of requests) {
      if (!needsPoll(watch, request)) continue
      const due = dueOf(watch, request)
      if (due > now) timer = Math.min(timer, due)
      else
        priority = Math.min(priority, request.kind === "check" ? Math.min(request.expectedEnd, due + longestWait) : due)
    }
    if (timer < Number.POSITIVE_INFINITY) watch.timer = timers.add(watch, timer)
    if (priority < Number.POSITIVE_INFINITY) watch.ready = ready.add(watch, priority)
  }

  const resume = (subscriber: Subscriber, result: Effect.Effect<AnyObservation>): void => {
    const { waiting } = subscriber
    subscriber.waiting = undefined
    waiting?.resume(result)
  }

  const interrupt = (watch: Watch): void => {
    watch.running?.fiber?.unsafeInterruptAsFork(FiberId.none)
    watch.running = undefined
  }

  /** Ends the wait of subscribers whose deadline has passed. */
  const expire = (watch: Watch, now: number): void => {
    for (const subscriber of watch.subscribers) {
      if (subscriber.waiting === undefined || subscriber.waiting.request.deadline > now) continue
      resume(subscriber, Effect.succeed({ _tag: "TimedOut" }))
    }
  }

  /** Passes a reply to all waiting subscribers. A `last` request needs the results. */
  const complete = (watch: Watch, running: Running, exit: Exit.Exit<Either.Either<unknown, unknown>>, now: number) => {
    if (watch.running !== running) return
    watch.running = undefined
    const { kind, sentAt } = running
    const result = Exit.map(
      exit,
      (answer): AnyObservation => ({
        _tag: kind === "check" ? "Checked" : "Fetched",
        sentAt,
        answer
      })
    )
    for (const subscriber of watch.subscribers) {
      if (kind === "check" && subscriber.waiting?.request.kind === "last") continue
      resume(subscriber, result)
    }
    update(watch, now)
  }

  /** Sends the due request of a job. */
  const send = (watch: Watch, now: number): void => {
    const due = watch.subscribers.flatMap((subscriber) => {
      const request = subscriber.waiting?.request
      return request !== undefined && dueOf(watch, request) <= now ? [{ subscriber, request }] : []
    })
    const wanted = due.find(({ request }) => request.kind !== "check") ?? due[0]
    if (wanted === undefined) return
    interrupt(watch)
    const { polls, runtime } = wanted.subscriber
    const check = wanted.request.kind === "check" ? polls.check : undefined
    const kind = check === undefined ? "fetch" : "check"
    const running: Running = { kind, sentAt: now, fiber: undefined }
    watch.running = running
    watch.lastSentAt = now
    const end = (exit: Exit.Exit<Either.Either<unknown, unknown>>) =>
      Effect.map(monotonicMillis, (now) => complete(watch, running, exit, now))
    running.fiber = Runtime.runFork(runtime)(
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- a subscriber knows the type of its errors
      Effect.matchCauseEffect(check ?? polls.fetch, {
        onSuccess: (reply) => end(Exit.succeed(Either.right(reply))),
        onFailure: (cause) =>
          end(
            Either.match(Cause.failureOrCause(cause), {
              onLeft: (error) => Exit.succeed(Either.left(error)),
              onRight: Exit.failCause
            })
          )
      })
    )
  }

  /** Handles everything that is due, and sleeps until the next time. */
  const run = (now: number): void => {
    // a request that completes at once calls this again, and the loop that sent it goes on
    if (isRunning) return
    isRunning = true
    for (let first = timers.first(); first !== undefined && first.time <= now; first = timers.first()) {
      expire(first.item, now)
      enqueue(first.item, now)
    }
    for (let first = ready.first(); first !== undefined && nextSend <= now; first = ready.first()) {
      // a late request delays the next one, so that no second has more requests than the budget allows
      nextSend = now + interval
      send(first.item, now)
      enqueue(first.item, now)
    }
    const wakeAt = Math.min(
      timers.first()?.time ?? Number.POSITIVE_INFINITY,
      ready.first() === undefined ? Number.POSITIVE_INFINITY : nextSend
    )
    sleepUntil(wakeAt, now)
    isRunning = false
  }

  const sleepUntil = (time: number, now: number): void => {
    if (sleeper !== undefined) {
      // waking up too early costs less than a new fiber, and thousands of jobs may be interrupted at once
      if (sleeper.until <= time && time < Number.POSITIVE_INFINITY) return
      sleeper.fiber.unsafeInterruptAsFork(FiberId.none)
      sleeper = undefined
    }
    const [watch] = watches.values()
    const [subscriber] = watch?.subscribers ?? []
    if (subscriber === undefined || time === Number.POSITIVE_INFINITY) return
    const wake = Effect.map(monotonicMillis, (now) => {
      sleeper = undefined
      run(now)
    })
    const sleep = Effect.sleep(Math.max(1, Math.ceil(time - now)))
    sleeper = {
      until: time,
      fiber: Runtime.runFork(subscriber.runtime)(Effect.zipRight(sleep, wake))
    }
  }

  /** After a change of the subscribers or their requests. */
  const update = (watch: Watch, now: number): void => {
    enqueue(watch, now)
    run(now)
  }

  const leave = (watch: Watch, subscriber: Subscriber) =>
    Effect.map(monotonicMillis, (now) => {
      watch.subscribers = watch.subscribers.filter((other) => other !== subscriber)
      for (const [key, { users }] of watch.shared ?? []) {
        users.delete(subscriber)
        if (users.size === 0) watch.shared?.delete(key)
      }
      if (watch.subscribers.length === 0) watches.delete(watch.job)
      update(watch, now)
    })

  const share =
    (watch: Watch, subscriber: Subscriber) =>
    <A, E>(key: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend((): Effect.Effect<A, E> => {
        const known = watch.shared?.get(key)
        if (known !== undefined) {
          return Effect.flatMap(Deferred.await(known.exit), (exit) => {
            known.users.delete(subscriber)
            if (known.users.size === 0) watch.shared?.delete(key)
            // interrupted: the subscriber that ran it has left. The key identifies the effect, and so its types
            // @effect-diagnostics-next-line unsafeEffectTypeAssertion:off
            return Exit.isInterrupted(exit) ? share(watch, subscriber)(key, effect) : (exit as Exit.Exit<A, E>)
          })
        }
        const users = new Set(watch.subscribers.filter((other) => other !== subscriber))
        if (users.size === 0) return effect
        const shared: Shared = { exit: Deferred.unsafeMake(FiberId.none), users }
        watch.shared ??= new Map()
        watch.shared.set(key, shared)
        return Effect.onExit(effect, (exit) => {
          if (Exit.isInterrupted(exit)) watch.shared?.delete(key)
          return Deferred.succeed(shared.exit, exit)
        })
      })

  const subscriptionOf = (watch: Watch, subscriber: Subscriber): Subscription<unknown, unknown, unknown> => ({
    next: (request) =>
      Effect.flatMap(monotonicMillis, (now) =>
        Effect.async<AnyObservation>((resume) => {
          subscriber.waiting = { request, resume }
          update(watch, now)
          return Effect.map(monotonicMillis, (now) => {
            subscriber.waiting = undefined
            update(watch, now)
          })
        })
      ),
    share: share(watch, subscriber)
  })

  return {
    subscribe: <Check, Reply, E>(job: string, polls: Polls<Check, Reply, E>) =>
      // polls are interruptible even if the subscriber is not
      Effect.flatMap(Effect.interruptible(Effect.runtime<Scope.Scope>()), (runtime) =>
        Effect.suspend(() => {
          const watch: Watch = watches.get(job) ?? {
            job,
            subscribers: [],
            shared: undefined,
            timer: undefined,
            ready: undefined,
            running: undefined,
            lastSentAt: Number.NEGATIVE_INFINITY
          }
          watches.set(job, watch)
          const subscriber: Subscriber = { polls, runtime, waiting: undefined }
          watch.subscribers = [...watch.subscribers, subscriber]
          const scope = Context.get(runtime.context, Scope.Scope)
          // all subscribers of a job have the types of its kind
          const subscription = subscriptionOf(watch, subscriber) as Subscription<Check, Reply, E>
          // unlike `acquireRelease`, this keeps no copy of the fiber's references, which would take 1 KiB for each job
          return Effect.as(Scope.addFinalizer(scope, leave(watch, subscriber)), subscription)
        }).pipe(Effect.uninterruptible)
      )
  }
}
