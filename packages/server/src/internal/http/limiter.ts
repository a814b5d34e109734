/**
 * The rate limiter: fixed windows that begin with their first request, and the headers that describe them.
 */
import * as Duration from "effect/Duration"
import type { Limit } from "effect-horde/Endpoint"

interface Window {
  readonly endsAt: number
  hits: number
}

export interface Caller {
  readonly ip: string
  /** The address that counts for limits by path: a service may state that of its own user. */
  readonly statedIp: string
  readonly apiKey: string
  readonly method: string
  readonly path: string
  readonly template: string
}

export interface Verdict {
  /** The exceeded limit in words, if the request is refused. */
  readonly refused: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

const bucket = (limit: Limit, caller: Caller): string => {
  switch (limit.key) {
    case "path":
      return `${caller.statedIp} ${caller.method} ${caller.path}`
    case "endpoint":
      return `${caller.ip} ${caller.template}`
    case "apiKey":
      return `${caller.apiKey} ${caller.method} ${caller.path}`
  }
}

const units: ReadonlyArray<readonly [number, string]> = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"]
]

/** A limit in words: `20 per 1 hour`. */
export const describeLimit = (limit: Limit): string => {
  const length = Duration.toMillis(limit.per)
  const [unit, name] = units.find(([unit]) => length % unit === 0) ?? [1000, "second"]
  return `${limit.max} per ${length / unit} ${name}`
}

export class Limiter {
  private windows = new Map<string, Window>()

  empty(): void {
    this.windows = new Map()
  }

  /**
   * Counts a request against its limits, the shortest window first, up to the first limit that refuses it. Refused
   * requests count too. The headers describe the limit that refused the request, or else the shortest window.
   */
  take(limits: ReadonlyArray<Limit>, caller: Caller, now: number): Verdict {
    const ordered = [...limits].sort((a, b) => Duration.toMillis(a.per) - Duration.toMillis(b.per))
    let shortest: { readonly limit: Limit; readonly window: Window } | undefined
    for (const limit of ordered) {
      const window = this.hit(limit, caller, now)
      shortest ??= { limit, window }
      if (window.hits > limit.max) return { refused: describeLimit(limit), headers: headers(limit, window, now) }
    }
    return { refused: undefined, headers: shortest === undefined ? {} : headers(shortest.limit, shortest.window, now) }
  }

  private hit(limit: Limit, caller: Caller, now: number): Window {
    const length = Duration.toMillis(limit.per)
    const key = `${bucket(limit, caller)} ${limit.max} ${length} ${limit.key}`
    const open = this.windows.get(key)
    const window = open === undefined || open.endsAt <= now ? { endsAt: now + length, hits: 0 } : open
    window.hits++
    this.windows.set(key, window)
    return window
  }
}

const headers = (limit: Limit, window: Window, now: number): Readonly<Record<string, string>> => ({
  "x-ratelimit-limit": String(limit.max),
  "x-ratelimit-remaining": String(Math.max(0, limit.max - window.hits)),
  "x-ratelimit-reset": String(Math.ceil(window.endsAt / 1000)),
  "retry-after": String(Math.ceil((window.endsAt - now) / 1000))
})
