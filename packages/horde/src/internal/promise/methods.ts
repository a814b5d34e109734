/** Makes methods from the functions of a module. */
import * as Effect from "effect/Effect"
import { argument, isEffect, isRecord, isStream, plain, type Runner } from "./plain.js"
import type { CallOptions, Methods } from "./types.js"

const optionNames = ["signal", "apiKey"]

/** Separates the options of the call from the last argument. An argument that had nothing else is left out. */
const split = (args: ReadonlyArray<unknown>): readonly [args: ReadonlyArray<unknown>, options: CallOptions] => {
  const last = args.at(-1)
  if (!isRecord(last) || !optionNames.some((name) => Object.hasOwn(last, name))) return [args, {}]
  const isOption = ([name]: readonly [string, unknown]) => optionNames.includes(name)
  const entries = Object.entries(last)
  const others = entries.filter((entry) => !isOption(entry))
  const options: CallOptions = Object.fromEntries(entries.filter(isOption))
  return [[...args.slice(0, -1), ...(others.length === 0 ? [] : [Object.fromEntries(others)])], options]
}

const methodOf =
  (member: unknown, runner: Runner) =>
  (...all: ReadonlyArray<unknown>): unknown => {
    const [args, options] = split(all)
    const result: unknown = typeof member === "function" ? member(...args.map((arg) => argument(arg, runner))) : member
    if (isEffect(result)) return runner.call(result, options)
    return isStream(result) ? runner.iterate(result, options) : plain(result, runner)
  }

/** Endpoints, models and schemas have names with a capital letter; layers and kinds of jobs are no functions. */
const isFunction = ([name, member]: readonly [string, unknown]): boolean =>
  /^[a-z]/.test(name) && (typeof member === "function" || Effect.isEffect(member))

/** The methods of a module. The cast states that their types are computed from the same functions. */
export const methodsOf = <M extends object>(module: M, runner: Runner): Methods<M> =>
  Object.fromEntries(
    Object.entries(module)
      .filter(isFunction)
      .map(([name, member]) => [name, methodOf(member, runner)])
  ) as Methods<M>
