/** Writes of one entry go one after the other, and of two the one that was begun later holds. */
import * as Effect from "effect/Effect"

interface Line {
  waiting: number
  /** Which one was written last, by the order in which they were begun. */
  written: number
  readonly lock: Effect.Semaphore
}

/** Those of different keys do not wait for each other. */
export const make = (): (<E>(key: string, write: Effect.Effect<void, E>) => Effect.Effect<void, E>) => {
  const lines = new Map<string, Line>()
  let begun = 0

  const enter = (key: string) =>
    Effect.sync(() => {
      const line = lines.get(key) ?? { waiting: 0, written: 0, lock: Effect.unsafeMakeSemaphore(1) }
      lines.set(key, line)
      line.waiting++
      begun++
      return { line, order: begun }
    })

  return (key, write) =>
    Effect.acquireUseRelease(
      enter(key),
      ({ line, order }) =>
        // whoever waits for a turn may be overtaken
        Effect.suspend(() =>
          order < line.written
            ? Effect.void
            : Effect.tap(write, () => {
                line.written = order
              })
        ).pipe(line.lock.withPermits(1)),
      ({ line }) =>
        Effect.sync(() => {
          line.waiting--
          if (line.waiting === 0) lines.delete(key)
        })
    )
}
