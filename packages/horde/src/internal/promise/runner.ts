/** Runs effects as promises and streams as async iterables, and ends those that are left. */
// @effect-diagnostics anyUnknownInErrorContext:off asyncFunction:off newPromise:off -- the border to programs without Effect
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { withApiKey } from "../../HordeClient.js"
import { type AnyEffect, type AnyStream, plain, type Runner } from "./plain.js"
import type { CallOptions } from "./types.js"

/** A runner that can be closed. */
export interface Closeable extends Runner {
  /** Makes the services now, and not with the first call. Their failure is that of each call. */
  readonly start: () => void
  /** Interrupts all calls, cancels the jobs that are unfinished, and releases the services. */
  readonly close: () => Promise<void>
}

const abortError = () => new DOMException("the AIHorde is closed", "AbortError")

/** Runs an effect or a stream under the key of the call, if it has one. */
const underKey = <Self extends AnyEffect | AnyStream>(self: Self, options: CallOptions): Self => {
  if (!("apiKey" in options)) return self
  return withApiKey(Redacted.make(options.apiKey ?? ""))(self)
}

/** Adds the caller's frames to an error that has none, so that its `stack` leads to the program. */
const traced = (error: unknown, caller: Error): unknown => {
  if (error instanceof Error && !/\n\s+at /.test(error.stack ?? "")) {
    const frames = (caller.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
    const own = frames.filter((line) => !/internal[\\/]promise[\\/]|\(<anonymous>\)$/.test(line))
    error.stack = [error.stack ?? String(error), ...own].join("\n")
  }
  return error
}

/** Makes a runner whose services come from a layer. They are made by the first call. */
export const make = <R, E>(layer: Layer.Layer<R, E>): Closeable => {
  // a submitted job, and what else a call leaves open, belongs to the runner: it ends before the services do
  const runtime = ManagedRuntime.make(Layer.provideMerge(Layer.scope, layer))
  const running = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  let closing: Promise<void> | undefined

  const reasonOf = (cause: Cause.Cause<unknown>, signal: AbortSignal | undefined): unknown => {
    if (!Cause.isInterruptedOnly(cause)) return Cause.squash(cause)
    return signal?.aborted === true ? signal.reason : abortError()
  }

  /** The fiber is interrupted by the signal. The promise settles when the fiber has ended, its cleanup included. */
  const run = <A>(
    effect: Effect.Effect<A, unknown, never>,
    signal: AbortSignal | undefined,
    caller: Error
  ): Promise<A> =>
    new Promise((resolve, reject) => {
      if (closing !== undefined) return reject(abortError())
      if (signal?.aborted === true) return reject(signal.reason)
      const fiber = runtime.runFork(effect)
      const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
      running.add(fiber)
      signal?.addEventListener("abort", interrupt)
      fiber.addObserver((exit) => {
        running.delete(fiber)
        signal?.removeEventListener("abort", interrupt)
        if (Exit.isSuccess(exit)) resolve(exit.value)
        else reject(traced(reasonOf(exit.cause, signal), caller))
      })
    })

  const call: Runner["call"] = async (effect, options) =>
    plain(await run(underKey(effect, options), options.signal, new Error()), runner)

  async function* iterate(stream: AnyStream, options: CallOptions): AsyncGenerator<unknown, void, void> {
    const { signal } = options
    const caller = new Error()
    const scope = Effect.runSync(Scope.make())
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    // a consumer that is busy with an event would notice the signal only when it asks for the next one
    signal?.addEventListener("abort", close)
    try {
      const pull = await run(Scope.extend(Stream.toPull(underKey(stream, options)), scope), signal, caller)
      const next = Effect.matchEffect(pull, {
        onSuccess: (chunk) => Effect.succeed(Option.some(chunk)),
        onFailure: Option.match({ onNone: () => Effect.succeed(Option.none()), onSome: Effect.fail })
      })
      for (;;) {
        const chunk = await run(next, signal, caller)
        if (Option.isNone(chunk)) return
        for (const event of chunk.value) yield plain(event, runner)
      }
    } finally {
      signal?.removeEventListener("abort", close)
      await close()
    }
  }

  const runner: Closeable = {
    call,
    iterate,
    start: () => void runtime.runFork(Effect.void),
    close: () => {
      closing ??= Effect.runPromise(Effect.zipRight(Fiber.interruptAll(running), runtime.disposeEffect))
      return closing
    }
  }
  return runner
}
