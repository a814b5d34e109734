/** Notices that a horde cannot be reached, so that a command need not wait for all retries. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

/** The number of attempts that must fail before the first reply. */
const attempts = 2

/** Completes `gaveUp` when that many requests have failed before the first reply; after a reply it never does. */
export const observe =
  (gaveUp: Deferred.Deferred<void>) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    let failed = 0
    let hasReply = false
    const onReply = Effect.sync(() => {
      hasReply = true
    })
    const onFailure = Effect.suspend(() => {
      failed += 1
      return !hasReply && failed >= attempts ? Deferred.succeed(gaveUp, undefined) : Effect.void
    })
    return HttpClient.make((request) =>
      client.execute(request).pipe(
        Effect.tap(() => onReply),
        Effect.tapError(() => onFailure)
      )
    )
  }
