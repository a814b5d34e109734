/** The types of the Promise API, computed from those of the Effect functions. Programs import them from `promise`. */
import type * as Brand from "effect/Brand"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { Picture, SavedPicture } from "../image/picture.js"
import type { Ticket } from "../jobs/ticket.js"
import type { GeneratedText } from "../text/generatedText.js"

/**
 * Options of any call. They are given in its last options object (`generate(request, { signal, results })`), or as one
 * more argument if the call has no options (`users.get(id, { signal })`).
 *
 * @since 0.1.0
 * @category models
 */
export interface CallOptions {
  /** Aborts the call, and cancels its job. The call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal
  /** Another API key than the connection's: the key of a user, or a shared key. An undefined key is refused. */
  readonly apiKey?: string | undefined
}

type AnyEffect = Effect.Effect<unknown, unknown, unknown>
type AnyStream = Stream.Stream<unknown, unknown, unknown>

/** What stays as it is: values without members to convert, and instances of classes. */
type Opaque =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | void
  | Duration.Duration
  | Ticket
  | Picture
  | SavedPicture
  | GeneratedText
  | Uint8Array
  | Blob
  | Date
  | URL
  | AbortSignal
  | Error

interface AnyJob {
  readonly ticket: Ticket
  readonly result: AnyEffect
}

/**
 * A value of the Effect API as the Promise API returns it: secrets are strings, dates are `Date`s, effects are functions
 * that return promises, and streams are functions that return async iterables.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Plain<T> = unknown extends T
  ? T
  : T extends Opaque
    ? T
    : T extends Redacted.Redacted<infer A>
      ? A
      : T extends DateTime.DateTime
        ? Date
        : T extends Effect.Effect<infer A, infer _E, infer _R> // every effect is a stream as well
          ? (options?: CallOptions) => Promise<Plain<A>>
          : T extends Stream.Stream<infer A, infer _E, infer _R>
            ? (options?: CallOptions) => AsyncGenerator<Plain<A>, void, void>
            : T extends (...args: never) => unknown
              ? T
              : T extends AnyJob
                ? { readonly [K in keyof T & string]: Plain<T[K]> }
                : { readonly [K in keyof T]: Plain<T[K]> }

/**
 * A value of the Effect API as the Promise API accepts it: secrets and ids are strings, effects are promises, and
 * functions that return effects may return promises.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Input<T> = unknown extends T
  ? T
  : T extends Redacted.Redacted<infer _>
    ? string
    : T extends string & Brand.Brand<infer _>
      ? string
      : T extends Opaque
        ? T
        : T extends AnyJob
          ? Plain<T>
          : T extends Effect.Effect<infer A, infer _E, infer _R>
            ? PromiseLike<A>
            : T extends (...args: infer Args) => Effect.Effect<infer A, infer _E, infer _R>
              ? (...args: Plain<Args>) => Input<A> | PromiseLike<Input<A>>
              : T extends (...args: never) => unknown
                ? T
                : { readonly [K in keyof T]: Input<T[K]> }

/** Payloads have the field `extra`, and take no options. */
type IsPayload<T> = "extra" extends keyof T ? true : false

/** The arguments of a function, with {@link CallOptions} in the last optional object, or as one more argument. */
type Arguments<Args extends ReadonlyArray<unknown>> = Args["length"] extends Required<Args>["length"]
  ? [...Input<Args>, options?: CallOptions]
  : Required<Args> extends readonly [...infer First, infer Last]
    ? IsPayload<Last> extends true
      ? [...Input<Args>, options?: CallOptions]
      : [...Input<First>, options?: Input<Last> & CallOptions]
    : never

type Method<F> = F extends AnyEffect
  ? Plain<F>
  : F extends AnyStream
    ? Plain<F>
    : F extends (...args: infer Args) => Effect.Effect<infer A, infer _E, infer _R>
      ? (...args: Arguments<Args>) => Promise<Plain<A>>
      : F extends (...args: infer Args) => Stream.Stream<infer A, infer _E, infer _R>
        ? (...args: Arguments<Args>) => AsyncGenerator<Plain<A>, void, void>
        : F extends (...args: infer Args) => infer A
          ? (...args: Input<Args>) => Plain<A>
          : never

/** Endpoints, models and schemas have names with a capital letter. */
type MethodName<M, K extends keyof M> =
  K extends Uncapitalize<K & string> ? ([Method<M[K]>] extends [never] ? never : K) : never

/**
 * The functions of a module of the Effect API, as methods that return promises and async iterables.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Methods<M> = { readonly [K in keyof M as MethodName<M, K>]: Method<M[K]> }
