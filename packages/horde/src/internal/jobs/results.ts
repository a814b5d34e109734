/** Opens what was delivered, some at a time, and asks once more for links that have expired. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { DownloadFailed } from "../errors/jobErrors.js"

/** A result as it was delivered, and what opens it. */
export interface Delivered<Result> {
  readonly id: string
  readonly open: Effect.Effect<Result, DownloadFailed<never>>
}

/** What became of it. */
export interface Opened<Result> {
  readonly id: string
  readonly result: Either.Either<Result, DownloadFailed<never>>
}

/** How many are opened at once where nothing else is said. */
export const openAtOnce = 4

/** Opens what is not known yet. What cannot be opened is told by its error. */
export const openAll = <Result>(
  delivered: ReadonlyArray<Delivered<Result>>,
  atOnce: number,
  known: ReadonlyMap<string, Result> = new Map()
): Effect.Effect<ReadonlyArray<Opened<Result>>> =>
  Effect.forEach(
    delivered,
    ({ id, open }) => {
      const result = known.get(id)
      return Effect.map(
        result === undefined ? Effect.either(open) : Effect.succeed(Either.right(result)),
        (result) => ({
          id,
          result
        })
      )
    },
    // with `NaN` at once, `forEach` never ends
    { concurrency: Math.max(1, atOnce || 1) }
  )

const isExpired = <Result>({ result }: Opened<Result>): boolean =>
  Either.isLeft(result) && result.left.reason === "Expired"

/**
 * Opens what expired once more, from links that are fresh: one look for all of them together. Where that does not help,
 * the first failure stands.
 */
export const withFreshLinks = <Result, E>(
  opened: ReadonlyArray<Opened<Result>>,
  atOnce: number,
  look: Effect.Effect<ReadonlyArray<Delivered<Result>>, E>
): Effect.Effect<ReadonlyArray<Opened<Result>>> => {
  const expired = new Set(opened.filter(isExpired).map(({ id }) => id))
  if (expired.size === 0) return Effect.succeed(opened)
  return look.pipe(
    Effect.flatMap((fresh) =>
      openAll(
        fresh.filter(({ id }) => expired.has(id)),
        atOnce
      )
    ),
    Effect.map((again) => {
      const byId = new Map(again.map((one) => [one.id, one]))
      return opened.map((one) => byId.get(one.id) ?? one)
    }),
    Effect.orElseSucceed(() => opened)
  )
}

/** The results that are there, by their ids. */
export const succeeded = <Result>(opened: ReadonlyArray<Opened<Result>>): ReadonlyMap<string, Result> =>
  new Map(opened.flatMap(({ id, result }) => (Either.isRight(result) ? [[id, result.right] as const] : [])))

/** How many results a message names. */
const named = 5

/** What could not be had, in one error for all; `undefined` where everything is there. */
export const lossOf = <Result>(
  opened: ReadonlyArray<Opened<Result>>
): Pick<DownloadFailed, "reason" | "message"> | undefined => {
  const lost = opened.flatMap(({ id, result }) => (Either.isLeft(result) ? [{ id, error: result.left }] : []))
  const [first] = lost
  if (first === undefined) return undefined
  const ids = lost.slice(0, named).map(({ id }) => id.slice(0, 100))
  const which = `${ids.join(", ")}${lost.length > named ? ", …" : ""}`
  return {
    reason: first.error.reason,
    message: `${lost.length} of ${opened.length} results could not be had: ${first.error.message} (${which})`
  }
}
