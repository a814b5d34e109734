/**
 * Runs a program in virtual time to its end, synchronously: a scheduler that runs all ready tasks, and a clock that
 * jumps to the next sleeper when none is ready. Nothing waits in real time, so that the same seed gives the same run.
 */
import { Clock, Duration, Effect, type Exit, Layer, Logger, LogLevel, Random, type Scheduler } from "effect"

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/** The sleepers, the next to wake first. */
class Sleepers {
  private readonly heap: Array<Sleeper> = []

  private isBefore(one: number, other: number): boolean {
    const [a, b] = [this.heap[one], this.heap[other]]
    if (a === undefined || b === undefined) return false
    return a.at === b.at ? a.order < b.order : a.at < b.at
  }

  private swap(one: number, other: number): void {
    const [a, b] = [this.heap[one], this.heap[other]]
    if (a === undefined || b === undefined) return
    this.heap[one] = b
    this.heap[other] = a
  }

  add(sleeper: Sleeper): void {
    let at = this.heap.push(sleeper) - 1
    while (at > 0 && this.isBefore(at, (at - 1) >> 1)) {
      this.swap(at, (at - 1) >> 1)
      at = (at - 1) >> 1
    }
  }

  next(): Sleeper | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first === undefined || last === undefined || this.heap.length === 0) return first
    this.heap[0] = last
    for (let at = 0; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.isBefore(child, least)) least = child
      if (least === at) return first
      this.swap(at, least)
      at = least
    }
  }
}

/** The start time of all runs. */
export const start = Date.UTC(2030, 0, 1)

/** The number of steps after which a run is considered to be in an endless loop. */
const maxSteps = 3_000_000

export const simulate = <A, E>(seed: number, program: Effect.Effect<A, E>): Exit.Exit<A, E> => {
  let ready: Array<() => void> = []
  const sleepers = new Sleepers()
  let now = start
  let order = 0

  const scheduler: Scheduler.Scheduler = {
    shouldYield: (fiber) => (fiber.currentOpCount > 2048 ? 0 : false),
    scheduleTask: (task) => void ready.push(task)
  }
  const nanos = () => BigInt(Math.round(now * 1000)) * 1000n
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const millis = Duration.toMillis(duration)
        let isAsleep = true
        if (Number.isFinite(millis)) {
          const wake = () => {
            if (isAsleep) resume(Effect.void)
          }
          sleepers.add({ at: now + millis, order: order++, wake })
        }
        return Effect.sync(() => {
          isAsleep = false
        })
      })
  }

  const fiber = Effect.runFork(
    program.pipe(
      Effect.withClock(clock),
      Effect.withRandom(Random.make(seed)),
      Effect.provide(Layer.merge(Logger.remove(Logger.defaultLogger), Logger.minimumLogLevel(LogLevel.None)))
    ),
    { scheduler }
  )
  for (let step = 0; step < maxSteps; step++) {
    const tasks = ready
    ready = []
    for (const task of tasks) task()
    if (ready.length > 0) continue
    const exit = fiber.unsafePoll()
    if (exit !== null) return exit
    const sleeper = sleepers.next()
    if (sleeper === undefined) throw new Error("all fibers wait, and none of them sleeps")
    now = Math.max(now, sleeper.at)
    sleeper.wake()
  }
  throw new Error(`not over after ${maxSteps} steps`)
}
