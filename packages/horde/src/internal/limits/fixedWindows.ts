/** The client's model of the server's fixed windows. All times are of the monotonic clock. */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type { Limit, PreparedCall } from "../call/declaration.js"
import { proxiedIp } from "../call/proxiedFor.js"

interface Window {
  endsAt: number
  taken: number
}

/** Limits of one route that were learned from replies. */
interface LearnedLimits {
  /** Whether the server trusts this caller, and grants the raised limits. */
  raised: boolean
  /** Sizes that the server named, by window name. */
  readonly sizes: Map<string, number>
}

/** The `X-RateLimit-*` headers of a reply. */
export interface LimitHeaders {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until the window ends, at most. */
  readonly endsWithin: number
}

/** Above this number of windows, ended ones are dropped, because each job has its own paths. */
const tidyAbove = 1000

const millis = (limit: Limit): number => Duration.toMillis(limit.per)

/** Clamps the end of a window: it lasts at most its declared length, whatever a reply says. */
const clamp = (from: number, to: number, time: number): number => Math.min(Math.max(time, from), to)

const nameOf = (limit: Limit): string => `${limit.key} ${millis(limit)}`

export class FixedWindows {
  private readonly windows = new Map<string, Window>()
  private readonly learned = new Map<string, LearnedLimits>()

  constructor(private readonly limitsOf: (call: PreparedCall) => ReadonlyArray<Limit>) {}

  /** The time to wait; 0 if the request was counted in all windows. */
  take(call: PreparedCall, apiKey: Redacted.Redacted, now: number): number {
    if (this.windows.size > tidyAbove) {
      for (const [key, window] of this.windows) if (window.endsAt <= now) this.windows.delete(key)
    }
    const limits = this.limitsOf(call)
    let wait = 0
    for (const limit of limits) {
      const window = this.windows.get(windowKey(limit, call, apiKey))
      if (window === undefined || window.endsAt <= now) continue
      if (window.taken >= this.sizeOf(limit, call)) wait = Math.max(wait, window.endsAt - now)
    }
    // a window starts with the first request that is sent in it, so a request that has to wait starts none
    if (wait === 0) for (const limit of limits) this.windowOf(limit, call, apiKey, now).taken += 1
    return wait
  }

  /** Updates the shortest window of a route, which replies report. Other programs on this IP address may share it. */
  learn(call: PreparedCall, apiKey: Redacted.Redacted, headers: LimitHeaders, now: number): void {
    const limits = this.limitsOf(call)
    const shortest = Math.min(...limits.map(millis))
    const announced = limits.filter((limit) => millis(limit) === shortest)
    const learnt = this.learnedFor(call)
    if (announced.some((limit) => limit.raised === headers.limit)) learnt.raised = true
    const limit = announced.find((limit) => this.sizeOf(limit, call) === headers.limit) ?? announced[0]
    if (limit === undefined) return
    if (this.sizeOf(limit, call) !== headers.limit) learnt.sizes.set(nameOf(limit), headers.limit)
    const window = this.windowOf(limit, call, apiKey, now)
    window.taken = Math.max(window.taken, headers.limit - headers.remaining)
    if (headers.remaining > 0) return
    // the server rounds down to whole seconds, so the window may last up to one second longer than it says
    const [earliest, latest] = [now + headers.endsWithin, now + headers.endsWithin + 1000]
    window.endsAt = clamp(now, now + millis(limit), Math.min(Math.max(window.endsAt, earliest), latest))
  }

  /**
   * Updates the window that a limiter's refusal names: `max` requests in each `per`, which ends within `endsWithin`.
   */
  breached(
    call: PreparedCall,
    apiKey: Redacted.Redacted,
    breach: { readonly max: number; readonly per: number; readonly endsWithin: number },
    now: number
  ): void {
    for (const limit of this.limitsOf(call)) {
      if (millis(limit) !== breach.per) continue
      if (this.sizeOf(limit, call) > breach.max) this.learnedFor(call).sizes.set(nameOf(limit), breach.max)
      const window = this.windowOf(limit, call, apiKey, now)
      window.taken = Math.max(window.taken, this.sizeOf(limit, call))
      window.endsAt = clamp(now, now + breach.per, now + breach.endsWithin)
    }
  }

  private sizeOf(limit: Limit, call: PreparedCall): number {
    const learnt = this.learned.get(call.declaration.path)
    if (learnt === undefined) return limit.max
    return learnt.sizes.get(nameOf(limit)) ?? (learnt.raised ? (limit.raised ?? limit.max) : limit.max)
  }

  private learnedFor(call: PreparedCall): LearnedLimits {
    const route = call.declaration.path
    let learnt = this.learned.get(route)
    if (learnt === undefined) {
      learnt = { raised: false, sizes: new Map() }
      this.learned.set(route, learnt)
    }
    return learnt
  }

  private windowOf(limit: Limit, call: PreparedCall, apiKey: Redacted.Redacted, now: number): Window {
    const key = windowKey(limit, call, apiKey)
    let window = this.windows.get(key)
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + millis(limit), taken: 0 }
      this.windows.set(key, window)
    }
    return window
  }
}

const windowKey = (limit: Limit, call: PreparedCall, apiKey: Redacted.Redacted): string => {
  const { method, path: template } = call.declaration
  switch (limit.key) {
    case "endpoint":
      return `${millis(limit)} ${template}`
    case "path":
      return `${millis(limit)} ${method} ${call.path} ${proxiedIp(call)}`
    case "apiKey":
      return `${millis(limit)} ${method} ${call.path} ${Redacted.value(apiKey)}`
  }
}
