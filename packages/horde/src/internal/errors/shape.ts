/** What all errors share. On its own, so that the errors of calls and of jobs need not import each other. */
import type * as Duration from "effect/Duration"
import type { Rc } from "../../Rc.js"

export const TypeId: unique symbol = Symbol.for("effect-horde/HordeError")

export type TypeId = typeof TypeId

export interface Shape {
  readonly [TypeId]: TypeId
  readonly _tag: string
  readonly message: string
  /** The HTTP method of the call. */
  readonly method: string
  /** The path template, such as `/v2/sharedkeys/:id`; never the concrete path, which holds ids. */
  readonly path: string
  /** The HTTP status, where there was a reply. */
  readonly status?: number | undefined
  /** The server's refusal code, where it sent one. */
  readonly rc?: Rc | undefined
  /** How long the server asked to wait, where that means something (a limiter's 429, a time-out of the caller's IP). */
  readonly retryAfter?: Duration.Duration | undefined
  /** Whether the same call may succeed later without any change. */
  readonly isRetryable: boolean
}

/**
 * Marks an error as one of the library's. Its stack has no frames: all of them would be internals, while the spans that
 * Effect prints say where it happened.
 */
export const identify = (error: Error): TypeId => {
  const value = `${error.name}: ${error.message}`
  Object.defineProperty(error, "stack", { value, configurable: true, writable: true })
  return TypeId
}
