/** The pictures of jobs: source images are downloaded, results are checked, and uploaded where the job has a link. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Download from "../../Download.js"
import { HordeClient } from "../../HordeClient.js"
import { withoutTracing } from "../call/withoutTracing.js"
import { encodeBase64 } from "../image/base64.js"
import { retryFor, TryAgain } from "../image/downloadRetry.js"
import { sniff } from "../image/sniff.js"
import { secureLinks } from "../platform/secureLinks.js"
import { leadsToPublic, platformLookup } from "./addresses.js"
import { Fault, type SourceImageOptions } from "./events.js"

const defaultMaxBytes = 32 * 1024 * 1024

/** The time-out of one attempt of an upload. */
const uploadTimeout = "60 seconds"
const uploadRetries = Duration.minutes(2)

const failedUpload = (message: string) => new Fault({ reason: "Upload", message })

export interface Pictures {
  /** Downloads or decodes a source image. */
  readonly source: (image: string) => Effect.Effect<Download.ImageFile, Fault>
  /**
   * Delivers a picture: uploads it to the link, if there is one, and returns what the submit has in its place: `R2`, or
   * the picture as base64.
   */
  readonly deliver: (bytes: Uint8Array, link: string | undefined) => Effect.Effect<string, Fault>
}

export const make = (
  options: SourceImageOptions
): Effect.Effect<Pictures, never, HttpClient.HttpClient | HordeClient> =>
  Effect.gen(function* () {
    const { baseUrl } = yield* HordeClient
    const http = withoutTracing(yield* HttpClient.HttpClient)
    const isSecure = secureLinks(baseUrl)
    const download = yield* Download.make({
      maxBytes: options.maxBytes ?? defaultMaxBytes,
      timeout: options.timeout ?? "30 seconds",
      ...(options.allowPrivateAddresses === true ? {} : { permits: leadsToPublic(options.lookup ?? platformLookup()) })
    })
    const retry = retryFor(uploadRetries)

    const source: Pictures["source"] = (image) =>
      Effect.mapError(download.image(image), ({ message, reason }) => {
        return new Fault({ reason: "SourceImage", message: `a source image is not available (${reason}): ${message}` })
      })

    const upload = (link: string, { bytes, mediaType }: Download.ImageFile): Effect.Effect<void, Fault> => {
      const url = URL.canParse(link) ? new URL(link) : undefined
      if (url === undefined || !isSecure(url)) {
        return Effect.fail(failedUpload("the upload link is not https"))
      }
      const request = HttpClientRequest.bodyUint8Array(HttpClientRequest.put(url), bytes, mediaType)
      const attempt = http.execute(request).pipe(
        Effect.mapError(() => new TryAgain({ message: "the connection broke" })),
        Effect.flatMap(({ status }) => {
          if (status >= 200 && status < 300) return Effect.void
          const message = `the upload link answered ${status}`
          return Effect.fail(
            status >= 500 || status === 408 || status === 429 ? new TryAgain({ message }) : failedUpload(message)
          )
        }),
        Effect.scoped,
        Effect.timeoutFail({
          duration: uploadTimeout,
          onTimeout: () => new TryAgain({ message: "the upload took too long" })
        })
      )
      return retry(attempt).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
        Effect.catchTag("TryAgain", ({ message }) => Effect.fail(failedUpload(message)))
      )
    }

    const deliver: Pictures["deliver"] = (bytes, link) =>
      Effect.suspend(() => {
        const sniffed = bytes instanceof Uint8Array ? sniff(bytes) : undefined
        if (sniffed === undefined || !sniffed.isWhole) {
          const message = sniffed === undefined ? "the result is not a picture" : "the result is a truncated picture"
          return Effect.fail(new Fault({ reason: "InvalidResult", message }))
        }
        if (link === undefined) return Effect.sync(() => encodeBase64(bytes))
        const file = { bytes: new Uint8Array(bytes), mediaType: sniffed.mediaType }
        return Effect.as(upload(link, file), "R2")
      })

    return { source, deliver }
  })
