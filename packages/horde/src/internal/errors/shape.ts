/**
 * The common fields of all errors. A separate module, so that the errors of calls and of jobs do not import each other.
 */
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
  /** The HTTP status, if the server replied. */
  readonly status?: number | undefined
  /** The server's refusal code, if it sent one. */
  readonly rc?: Rc | undefined
  /** How long the server asks to wait: for a rate limit (429) or a timeout of the caller's IP address. */
  readonly retryAfter?: Duration.Duration | undefined
  /** Whether the same call may succeed later without any change. */
  readonly isRetryable: boolean
}

/**
 * Marks an error as one of this library. Its stack has no frames, because all of them would be internal; the spans that
 * Effect prints show where the error happened.
 */
export const identify = (error: Error): TypeId => {
  const value = `${error.name}: ${error.message}`
  Object.defineProperty(error, "stack", { value, configurable: true, writable: true })
  return TypeId
}
