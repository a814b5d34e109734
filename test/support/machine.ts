/** The present speed of the machine, for limits in real time. */
import { execFile } from "node:child_process"
import { Effect } from "effect"

/** How long Node takes to start and to end on an ordinary idle machine, in milliseconds. */
const idle = 40

const startAndEnd = Effect.async<number>((resume) => {
  const began = performance.now()
  const child = execFile(process.execPath, ["-e", ""], () => resume(Effect.succeed(performance.now() - began)))
  return Effect.sync(() => void child.kill())
})

/** How many times slower than that the machine is now; at least 1. */
export const slowness = Effect.map(startAndEnd, (millis) => Math.max(1, millis / idle))

/** The limit on this machine, now, for an operation that takes an idle machine this many milliseconds at most. */
export const limit = (millis: number): Effect.Effect<number> => Effect.map(slowness, (times) => millis * times)
