/**
 * Takes turns by the endpoints' own published windows, so that the server's limiter is not met.
 *
 * The windows are fixed, as the server counts them: each starts with its first request. All fibers of a connection
 * share one budget. Waiting is by Effect's clock.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Call, Limit } from "./Declaration.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Waits until the call may be sent. Every attempt takes its turn. */
  readonly turn: (call: Call, apiKey: Redacted.Redacted) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RateLimit extends Context.Tag("effect-horde/RateLimit")<RateLimit, Service>() {}

interface Window {
  endsAt: number
  taken: number
}

const windowKey = (limit: Limit, call: Call, apiKey: Redacted.Redacted): string => {
  const { method, path: template } = call.declaration
  const size = `${limit.max}/${Duration.toMillis(limit.per)}`
  switch (limit.key) {
    case "endpoint":
      return `${size} ${template}`
    case "path":
      return `${size} ${method} ${call.path}`
    case "apiKey":
      return `${size} ${method} ${call.path} ${Redacted.value(apiKey)}`
  }
}

/** Above this many windows the ended ones are dropped: every job brings paths of its own. */
const tidyAbove = 1000

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Service => {
  const windows = new Map<string, Window>()

  /** The time to wait, or 0 when the turn was taken in all windows at once. */
  const take = (call: Call, apiKey: Redacted.Redacted, now: number): number => {
    if (windows.size > tidyAbove) {
      for (const [key, window] of windows) if (window.endsAt <= now) windows.delete(key)
    }
    let wait = 0
    const open: Array<readonly [key: string, window: Window]> = []
    for (const limit of call.declaration.limits) {
      const key = windowKey(limit, call, apiKey)
      const known = windows.get(key)
      const window =
        known === undefined || known.endsAt <= now ? { endsAt: now + Duration.toMillis(limit.per), taken: 0 } : known
      if (window.taken >= limit.max) wait = Math.max(wait, window.endsAt - now)
      open.push([key, window])
    }
    // a window begins with the first request that is sent in it, so one that has to wait opens none
    if (wait > 0) return wait
    for (const [key, window] of open) {
      window.taken += 1
      windows.set(key, window)
    }
    return wait
  }

  const turn: Service["turn"] = (call, apiKey) =>
    call.declaration.limits.length === 0
      ? Effect.void
      : Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const wait = take(call, apiKey, now)
          return wait === 0 ? Effect.void : Effect.zipRight(Effect.sleep(wait), turn(call, apiKey))
        })

  return { turn }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimit> = Layer.sync(RateLimit, make)

/**
 * Never waits.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNone: Layer.Layer<RateLimit> = Layer.succeed(RateLimit, { turn: () => Effect.void })
