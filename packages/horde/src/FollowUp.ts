/**
 * Remembers the jobs that were started and are not over, and closes what is left.
 *
 * A job is registered before its id can be lost. It is settled by a reply that says it is over, by a cancel that
 * succeeded, by the server not knowing it any more, or by handing it over ({@link Service.detach}); by nothing else.
 * Whatever is not settled when its scope closes is cancelled, on success, failure, interruption and defect alike.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Call, Declaration, Starts } from "./Declaration.js"
import { HordeClient } from "./HordeClient.js"
import { prepareForJob } from "./internal/prepare.js"
import { isUnknownJob } from "./internal/refusal.js"
import type { Kind } from "./Ticket.js"

/**
 * A job as the follow-up knows it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly job: Kind
  readonly id: Redacted.Redacted
  /** The endpoint that cancels it; its path ends in `:id`. */
  readonly cancel: Declaration
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Sends the call that starts a job, and ties the job to the scope. The request belongs to this service, not to the
   * caller: interrupting the caller returns at once, the request goes on, and an id that still arrives is cancelled.
   */
  readonly track: <A, E>(
    rule: Starts,
    call: Call,
    submit: Effect.Effect<A, E>,
    idOf: (reply: A) => string
  ) => Effect.Effect<A, E, Scope.Scope>
  /** Ties a job that was started elsewhere to the scope. */
  readonly adopt: (rule: Starts, id: Redacted.Redacted) => Effect.Effect<void, never, Scope.Scope>
  /** The job is over: nothing is left to be cancelled. */
  readonly settle: (job: Kind, id: string) => Effect.Effect<void>
  /** Runs the call that cancels a job. It goes on when its caller is interrupted, so that it is not sent twice. */
  readonly cancelWith: <A, E>(job: Kind, id: string, cancel: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Hands a job over: it will not be cancelled here. Says whether it was still unfinished. */
  readonly detach: (job: Kind, id: string) => Effect.Effect<boolean>
  /** The jobs that would be cancelled if everything closed now. */
  readonly unfinished: Effect.Effect<ReadonlyArray<Unfinished>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FollowUp extends Context.Tag("effect-horde/FollowUp")<FollowUp, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long a cancel may take, repeats included. 5 seconds by default. */
  readonly cancelWithin?: Duration.DurationInput
  /** How long the closing layer waits for submits whose answer is under way. 5 seconds by default. */
  readonly drainWithin?: Duration.DurationInput
}

interface Tracked {
  readonly rule: Starts
  readonly id: Redacted.Redacted
  readonly forget: () => void
  /** Ends when the cancel that is under way ends, however it ends. */
  cancelling: Deferred.Deferred<void> | undefined
}

/** The jobs of one scope, by what closes them. */
interface Owned {
  readonly closers: Set<Effect.Effect<void>>
  isClosed: boolean
}

const cancels = Metric.counter("horde_cancels_total", {
  description: "Jobs cancelled because nobody wanted them any more",
  incremental: true
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, HordeClient | Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* HordeClient
    const cancelWithin = options.cancelWithin ?? "5 seconds"
    const jobs = new Map<string, Tracked>()
    const posts = new Map<Fiber.RuntimeFiber<unknown, unknown>, Call>()
    const perScope = new WeakMap<Scope.Scope, Owned>()
    let draining = false

    const keyOf = (job: Kind, id: string) => `${job} ${id}`

    const take = (key: string) => {
      const tracked = jobs.get(key)
      jobs.delete(key)
      tracked?.forget()
      return tracked
    }

    const settle: Service["settle"] = (job, id) =>
      Effect.suspend(() => {
        take(keyOf(job, id))
        return client.jobMoved(id, 0)
      })

    /**
     * Makes `cancel` the one cancel of this job, in the same step that saw that there is none. The job is forgotten when
     * the cancel says so itself.
     */
    const begin = <A, E>(tracked: Tracked, cancel: Effect.Effect<A, E>): Effect.Effect<Fiber.Fiber<A, E>> => {
      const done = Deferred.unsafeMake<void>(FiberId.none)
      tracked.cancelling = done
      return Effect.interruptible(cancel).pipe(
        Effect.ensuring(
          Effect.suspend(() => {
            tracked.cancelling = undefined
            return Deferred.succeed(done, undefined)
          })
        ),
        Effect.forkDaemon
      )
    }

    const sendCancel = (tracked: Tracked): Effect.Effect<void> => {
      const { job, cancel } = tracked.rule
      const forget = Effect.zipRight(settle(job, Redacted.value(tracked.id)), Metric.increment(cancels))
      return client.execute(prepareForJob(`FollowUp/cancel ${job}`, cancel, tracked.id)).pipe(
        Effect.zipRight(forget),
        Effect.catchIf(isUnknownJob, () => settle(job, Redacted.value(tracked.id))),
        Effect.timeout(cancelWithin),
        Effect.withSpan(`horde.FollowUp.cancel`, { kind: "client", captureStackTrace: false, attributes: { job } }),
        Effect.catchAll((error) =>
          Effect.logWarning(`a cancel failed, and its job may go on running: ${error._tag} ${error.message}`)
        )
      )
    }

    /** Cancels a job that is still known, unless a cancel under way does it. */
    const close = (key: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        const tracked = jobs.get(key)
        if (tracked === undefined) return Effect.void
        if (tracked.cancelling === undefined) return Effect.flatMap(begin(tracked, sendCancel(tracked)), Fiber.join)
        return Deferred.await(tracked.cancelling).pipe(
          Effect.interruptible,
          Effect.timeoutOption(cancelWithin),
          Effect.zipRight(
            Effect.suspend(() => (jobs.has(key) && tracked.cancelling === undefined ? close(key) : Effect.void))
          )
        )
      }).pipe(Effect.uninterruptible)

    /** One finaliser a scope, which closes all its jobs at once and not in turn. */
    const ownedBy = (scope: Scope.Scope): Effect.Effect<Owned> =>
      Effect.suspend(() => {
        const known = perScope.get(scope)
        if (known !== undefined) return Effect.succeed(known)
        const owned: Owned = { closers: new Set(), isClosed: false }
        perScope.set(scope, owned)
        const finalizer = Effect.suspend(() => {
          owned.isClosed = true
          return Effect.all([...owned.closers], { concurrency: "unbounded", discard: true })
        })
        return Effect.as(Scope.addFinalizer(scope, finalizer), owned)
      })

    /** A submit that is not on the wire (it waits for its turn) need not be sent at all. */
    const dropUnsent = (post: Fiber.RuntimeFiber<unknown, unknown>, call: Call): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (call.flight.inFlight) return Effect.void
        // said at once: the interruption takes a moment to arrive, in which the request might go out
        call.flight.isDropped = true
        return Effect.asVoid(Fiber.interruptFork(post))
      })

    // the second net: a scope may outlive this layer, whose connection still works at this point
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        draining = true
        yield* Effect.forEach(posts, ([post, call]) => dropUnsent(post, call), { discard: true })
        const answered = yield* Fiber.awaitAll([...posts.keys()]).pipe(
          Effect.interruptible,
          Effect.timeoutOption(options.drainWithin ?? "5 seconds")
        )
        if (answered._tag === "None") {
          yield* Effect.logWarning(
            `${posts.size} submit(s) were not answered in time: whether these jobs were started is unknown`
          )
        }
        yield* Effect.forEach([...jobs.keys()], close, { concurrency: "unbounded", discard: true })
      })
    )

    const track: Service["track"] = (rule, call, submit, idOf) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const owned = yield* ownedBy(yield* Effect.scope)
          let key: string | undefined
          let abandoned = owned.isClosed
          let post: Fiber.RuntimeFiber<unknown, unknown> | undefined
          const abandon = Effect.suspend((): Effect.Effect<void> => {
            abandoned = true
            if (key !== undefined) return close(key)
            return post === undefined ? Effect.void : dropUnsent(post, call)
          })
          const forget = () => void owned.closers.delete(abandon)
          owned.closers.add(abandon)
          const fiber = yield* Effect.interruptible(submit).pipe(
            Effect.tap((reply) => {
              const id = idOf(reply)
              key = keyOf(rule.job, id)
              jobs.set(key, { rule, id: Redacted.make(id), forget, cancelling: undefined })
              const noted = client.jobStarted(call, id)
              return abandoned || draining ? Effect.zipRight(noted, close(key)) : noted
            }),
            Effect.tapErrorCause(() => Effect.sync(forget)),
            Effect.forkDaemon
          )
          post = fiber
          posts.set(fiber, call)
          fiber.addObserver(() => posts.delete(fiber))
          return yield* restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => abandon))
        })
      )

    const adopt: Service["adopt"] = (rule, id) =>
      Effect.gen(function* () {
        const owned = yield* ownedBy(yield* Effect.scope)
        const key = keyOf(rule.job, Redacted.value(id))
        const closer = close(key)
        take(key) // a job has one owner: the scope that took it last
        owned.closers.add(closer)
        jobs.set(key, { rule, id, forget: () => void owned.closers.delete(closer), cancelling: undefined })
        if (owned.isClosed) yield* closer
      })

    const cancelWith: Service["cancelWith"] = (job, id, cancel) =>
      Effect.uninterruptibleMask((restore) => {
        const tracked = jobs.get(keyOf(job, id))
        if (tracked === undefined || tracked.cancelling !== undefined) return restore(cancel)
        return Effect.flatMap(begin(tracked, cancel), (fiber) => restore(Fiber.join(fiber)))
      })

    return {
      track,
      adopt,
      settle,
      cancelWith,
      detach: (job, id) => Effect.sync(() => take(keyOf(job, id)) !== undefined),
      unfinished: Effect.sync(() => Array.from(jobs.values(), ({ rule, id }) => ({ job: rule.job, id, cancel: rule.cancel })))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<FollowUp, never, HordeClient> =>
  Layer.scoped(FollowUp, make(options))
