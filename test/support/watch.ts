/** Records all that a program prints: its log lines at every level, and its spans with all attributes. */
import { inspect } from "node:util"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

export interface Recorder {
  readonly lines: ReadonlyArray<string>
  readonly spans: ReadonlyArray<Tracer.Span>
}

/** All printed forms of a value. */
export const prints = (value: unknown): ReadonlyArray<string> => {
  const all = [
    inspect(value, { depth: 20, showHidden: true }),
    inspect(value, { depth: 20, customInspect: false }),
    String(value),
    JSON.stringify(value) ?? ""
  ]
  if (value instanceof Error) {
    all.push(value.message, value.stack ?? "", value.toString(), JSON.stringify({ ...value }))
    all.push(Cause.pretty(Cause.fail(value)), Cause.pretty(Cause.die(value), { renderErrorCause: true }))
    all.push(inspect(Cause.fail(value), { depth: 20 }), JSON.stringify(Cause.fail(value)))
    all.push(inspect(Exit.fail(value), { depth: 20 }))
  }
  return all
}

/** The content of a span, its end included. */
export const printSpan = (span: Tracer.Span): ReadonlyArray<string> => {
  const { attributes, name, status } = span
  const exit = status._tag === "Ended" && Exit.isFailure(status.exit) ? [Cause.pretty(status.exit.cause)] : []
  return [name, ...[...attributes].map((attribute) => inspect(attribute, { depth: 10 })), ...exit]
}

export const watch = () => {
  const lines: Array<string> = []
  const spans: Array<Tracer.Span> = []
  const events: Array<string> = []
  const tracer = Tracer.make({
    context: (run) => run(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: String(spans.length),
        traceId: "trace",
        parent,
        context,
        links,
        kind,
        sampled: true,
        attributes,
        status: { _tag: "Started", startTime },
        attribute: (key, value) => void attributes.set(key, value),
        event: (event, _time, about) => void events.push(event, inspect(about, { depth: 10 })),
        addLinks: () => undefined,
        end: (endTime, exit) => {
          Object.assign(span, { status: { _tag: "Ended", startTime, endTime, exit } })
        }
      }
      spans.push(span)
      return span
    }
  })
  const keep = (logger: Logger.Logger<unknown, string>) => Logger.map(logger, (line) => void lines.push(line))
  const layer = Layer.mergeAll(
    Logger.replace(Logger.defaultLogger, keep(Logger.stringLogger)),
    Logger.add(keep(Logger.jsonLogger)),
    Logger.add(keep(Logger.logfmtLogger)),
    Logger.minimumLogLevel(LogLevel.All),
    Layer.setTracer(tracer)
  )
  return {
    lines,
    spans,
    layer,
    /** Runs an effect, and returns its exit with all of its printed forms. */
    run: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Effect.withSpan(effect, "the program", { captureStackTrace: false }))
        if (Exit.isFailure(exit)) yield* Effect.logError("failed", exit.cause)
        const error = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none()
        const printed = [
          ...lines,
          ...events,
          ...spans.flatMap(printSpan),
          ...(Option.isSome(error) ? prints(error.value) : []),
          ...(Exit.isFailure(exit) ? prints(exit.cause) : [])
        ]
        return { exit, error, printed }
      }).pipe(Effect.provide(layer))
  }
}
