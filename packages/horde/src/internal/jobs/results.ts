/** Downloads delivered results with limited concurrency, and refreshes expired links once. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { DownloadFailed } from "../errors/jobErrors.js"

/** A delivered result, and the effect that downloads it. */
export interface Delivered<Result> {
  readonly id: string
  readonly open: Effect.Effect<Result, DownloadFailed<never>>
}

/** The outcome of one download. */
export interface Opened<Result> {
  readonly id: string
  readonly result: Either.Either<Result, DownloadFailed<never>>
}

/** How many results are downloaded at once by default. */
export const defaultConcurrency = 4

/** Downloads each result that is not in `known`. A failed download is a `Left`. */
export const downloadAll = <Result>(
  delivered: ReadonlyArray<Delivered<Result>>,
  concurrency: number,
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
    { concurrency: Math.max(1, concurrency || 1) }
  )

const isExpired = <Result>({ result }: Opened<Result>): boolean =>
  Either.isLeft(result) && result.left.reason === "Expired"

/**
 * Downloads results with expired links again, from fresh links that one fetch gets for all of them. If that fails too,
 * the first failure is kept.
 */
export const refreshExpiredLinks = <Result, E>(
  opened: ReadonlyArray<Opened<Result>>,
  concurrency: number,
  fetchFresh: Effect.Effect<ReadonlyArray<Delivered<Result>>, E>
): Effect.Effect<ReadonlyArray<Opened<Result>>> => {
  const expired = new Set(opened.filter(isExpired).map(({ id }) => id))
  if (expired.size === 0) return Effect.succeed(opened)
  return fetchFresh.pipe(
    Effect.flatMap((fresh) =>
      downloadAll(
        fresh.filter(({ id }) => expired.has(id)),
        concurrency
      )
    ),
    Effect.map((again) => {
      const byId = new Map(again.map((one) => [one.id, one]))
      return opened.map((one) => byId.get(one.id) ?? one)
    }),
    Effect.orElseSucceed(() => opened)
  )
}

/** The downloaded results, by id. */
export const succeeded = <Result>(opened: ReadonlyArray<Opened<Result>>): ReadonlyMap<string, Result> =>
  new Map(opened.flatMap(({ id, result }) => (Either.isRight(result) ? [[id, result.right] as const] : [])))

/** How many results a message names. */
const named = 5

/** One error for all failed downloads, with the reason of the first; `undefined` if none failed. */
export const firstFailure = <Result>(
  opened: ReadonlyArray<Opened<Result>>
): Pick<DownloadFailed, "reason" | "message"> | undefined => {
  const failures = opened.flatMap(({ id, result }) => (Either.isLeft(result) ? [{ id, error: result.left }] : []))
  const [first] = failures
  if (first === undefined) return undefined
  const ids = failures.slice(0, named).map(({ id }) => id.slice(0, 100))
  const which = `${ids.join(", ")}${failures.length > named ? ", …" : ""}`
  return {
    reason: first.error.reason,
    message: `${failures.length} of ${opened.length} results failed: ${first.error.message} (${which})`
  }
}
