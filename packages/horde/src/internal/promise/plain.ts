/** Converts values of the Effect API to plain values, and plain arguments back. */
// @effect-diagnostics anyUnknownInErrorContext:off unknownInEffectCatch:off -- the errors of a program are its own
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./types.js"

/** The effects and streams of the SDK, with their types erased: the types of methods state what they return. */
export type AnyEffect = Effect.Effect<unknown, unknown, never>
export type AnyStream = Stream.Stream<unknown, unknown, never>

/** Runs the effects and streams that a value has as members. */
export interface Runner {
  readonly call: (effect: AnyEffect, options: CallOptions) => Promise<unknown>
  readonly iterate: (stream: AnyStream, options: CallOptions) => AsyncGenerator<unknown, void, void>
}

interface Members {
  readonly [name: string]: unknown
}

/** The cast states that all requirements are provided by the runtime. */
export const isEffect = (value: unknown): value is AnyEffect => Effect.isEffect(value)

/** Every effect is a stream as well, of one value. */
export const isStream = (value: unknown): value is AnyStream =>
  typeof value === "object" && value !== null && Stream.StreamTypeId in value && !Effect.isEffect(value)

const structural: unknown = Object.getPrototypeOf(Data.struct({}))

/** Whether a value is an object without a class. */
export const isRecord = (value: unknown): value is Members => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || prototype === structural
}

/** The key under which a converted object keeps the one that it was made from. */
const Original = Symbol("effect-horde/promise/Original")

/** A secret, or a list with one, is readable by its name, and is not shown if the object is printed or made JSON. */
const isHidden = (value: unknown): boolean =>
  Redacted.isRedacted(value) || (Array.isArray(value) && value.some(Redacted.isRedacted))

const membersOf = (value: Members, runner: Runner): Members => {
  let isChanged = false
  let hasActions = false
  const properties: PropertyDescriptorMap = {}
  for (const [name, member] of Object.entries(value)) {
    const converted = plain(member, runner)
    if (converted !== member) isChanged = true
    if (isEffect(member) || isStream(member)) hasActions = true
    properties[name] = { value: converted, enumerable: !isHidden(member), configurable: true, writable: true }
  }
  if (!isChanged) return value
  if (hasActions) properties[Original] = { value }
  return Object.defineProperties({}, properties)
}

/** A plain value. Values without anything to convert are returned as they are. */
export const plain = (value: unknown, runner: Runner): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Redacted.isRedacted(value)) return Redacted.value(value)
  if (DateTime.isDateTime(value)) return DateTime.toDateUtc(value)
  if (isStream(value)) return (options: CallOptions = {}) => runner.iterate(value, options)
  if (isEffect(value)) return (options: CallOptions = {}) => runner.call(value, options)
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => plain(item, runner))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  return isRecord(value) ? membersOf(value, runner) : value
}

/**
 * The options whose functions return effects. Those of other options, such as the names of files, return values. A type
 * test compares the names with the options of all functions.
 */
export const callbacks = ["generate", "onEvent", "onProgress"] as const

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const settled = (value: unknown): Effect.Effect<unknown, unknown> =>
  isPromise(value) ? Effect.tryPromise({ try: () => value, catch: (error) => error }) : Effect.succeed(value)

/** Runs a function that returns a value or a promise. What it throws fails the effect. */
export const runFunction = (run: () => unknown): Effect.Effect<unknown, unknown> =>
  Effect.flatMap(Effect.try({ try: run, catch: (error) => error }), settled)

/** A function of a program, with the cast that it accepts what the SDK gives it, as the type of the option requires. */
const callback = (f: Function, runner: Runner) => {
  const run = f as (...args: ReadonlyArray<unknown>) => unknown
  return (...args: ReadonlyArray<unknown>) => runFunction(() => run(...args.map((arg) => plain(arg, runner))))
}

const isCallback = (name: string): boolean => callbacks.some((known) => known === name)

const option = (name: string, value: unknown, runner: Runner): unknown => {
  if (typeof value === "function") return isCallback(name) ? callback(value, runner) : value
  return isPromise(value) ? Effect.promise(() => value) : value
}

/** An argument of the Effect API: jobs are the original ones, and the functions and promises in options are effects. */
export const argument = (value: unknown, runner: Runner): unknown => {
  if (!isRecord(value)) return value
  if (Original in value) return value[Original]
  const entries = Object.entries(value)
  const converted = entries.map(([name, member]) => [name, option(name, member, runner)] as const)
  return converted.some(([, member], index) => member !== entries[index]?.[1]) ? Object.fromEntries(converted) : value
}
