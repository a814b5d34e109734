/** The browser's locks: a name that one page holds at a time, and that the browser releases when the page is gone. */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { JournalFailed } from "../../../HordeError.js"
import { unavailable } from "./database.js"

/** Runs an effect while a lock is held, or with `null` if `ifAvailable` is set and another page holds it. */
export const withLock = <A, E>(
  locks: LockManager,
  name: string,
  options: LockOptions,
  use: (lock: Lock | null) => Effect.Effect<A, E>
): Effect.Effect<A, E | JournalFailed> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) =>
    Effect.flatten(
      Effect.tryPromise({
        try: (signal) =>
          locks
            .request(name, options, (lock) => Runtime.runPromise(runtime)(Effect.exit(use(lock)), { signal }))
            .then((exit) => exit), // its type is the promise of a promise
        catch: unavailable
      })
    )
  )
