/**
 * Downloads a result: the bytes of a complete picture from base64, a `data:` URL or a link.
 *
 * Links are fetched without the API key and the Client-Agent, over https only (unless the horde is on a loopback
 * address), within a time-out and a size limit. Transient failures are retried with backoff.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { HordeClient } from "./HordeClient.js"
import { withoutTracing } from "./internal/call/withoutTracing.js"
import { DownloadFailed } from "./internal/errors/jobErrors.js"
import { decodeBase64 } from "./internal/image/base64.js"
import { decodeDataUrl, isDataUrl } from "./internal/image/dataUrl.js"
import { retryFor, TryAgain } from "./internal/image/downloadRetry.js"
import { sniff } from "./internal/image/sniff.js"
import { retryAfter } from "./internal/limits/limiterMessage.js"
import { joinChunks } from "./internal/platform/joinChunks.js"
import { secureLinks } from "./internal/platform/secureLinks.js"

/**
 * The bytes of a picture.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Detected from the bytes, such as `image/webp`. */
  readonly mediaType: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The picture of an `img` field. */
  readonly image: (img: string) => Effect.Effect<ImageFile, DownloadFailed<never>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Download extends Context.Tag("effect-horde/Download")<Download, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The maximum size of a result in bytes. 64 MiB by default. */
  readonly maxBytes?: number
  /** The time-out of one download attempt. 60 seconds by default. */
  readonly timeout?: Duration.DurationInput
  /**
   * How long a download is retried, waits included, if the connection breaks, the picture is truncated, or the link's
   * status is 408, 429 or 5xx. If `Retry-After` exceeds it, the download fails at once. 2 minutes by default; 0 for no
   * retries.
   */
  readonly retryWithin?: Duration.DurationInput
  /** Whether a link, or a redirect of it, may be requested: if not, the download fails with `Insecure`. All may. */
  readonly permits?: (link: URL) => Effect.Effect<boolean>
}

const failed = (reason: DownloadFailed["reason"], message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason, message, method: "GET", path: "(a result's link)", partial: [] })

const truncated = "the picture is incomplete: it was truncated"

const maxRedirects = 5

type Failure = DownloadFailed<never> | TryAgain

/** The error of a status other than 200 and redirects. */
const refused = ({ headers, status }: HttpClientResponse.HttpClientResponse): Effect.Effect<never, Failure> => {
  const message = `the link answered ${status}`
  if (status >= 500 || status === 408 || status === 429) {
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => new TryAgain({ message, retryAfter: retryAfter(headers["retry-after"], now) })
    )
  }
  return Effect.fail(failed(status === 403 || status === 404 || status === 410 ? "Expired" : "Unavailable", message))
}

/** A request that cannot be made is not retried. */
const broken = (error: HttpClientError.HttpClientError): Failure =>
  error.reason === "InvalidUrl" || error.reason === "Encode"
    ? failed("Unavailable", "the link is not a valid URL")
    : new TryAgain({ message: "the connection broke" })

/** The length that the headers declare, unless it is the length of a compressed form. */
const declaredLength = ({ headers }: HttpClientResponse.HttpClientResponse): number | undefined => {
  const length = headers["content-length"] ?? ""
  const isPlain = (headers["content-encoding"] ?? "identity") === "identity"
  return isPlain && /^\d+$/.test(length) ? Number(length) : undefined
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, HttpClient.HttpClient | HordeClient> =>
  Effect.gen(function* () {
    const { baseUrl } = yield* HordeClient
    const maxBytes = options.maxBytes ?? 64 * 1024 * 1024
    const timeout = options.timeout ?? "60 seconds"
    const retry = retryFor(Duration.decode(options.retryWithin ?? "2 minutes"))
    const permits = options.permits ?? (() => Effect.succeed(true))
    const isSecure = secureLinks(baseUrl)
    const http = withoutTracing(yield* HttpClient.HttpClient)

    const tooLarge = Effect.fail(failed("TooLarge", `the result has more than ${maxBytes} bytes`))

    /** Fails with `cut` if the bytes are a truncated image. */
    const file = <E>(
      bytes: Uint8Array<ArrayBuffer>,
      cut: () => E
    ): Effect.Effect<ImageFile, DownloadFailed<never> | E> => {
      if (bytes.byteLength > maxBytes) return tooLarge
      const sniffed = sniff(bytes)
      if (sniffed === undefined) return Effect.fail(failed("NotAnImage", "the downloaded bytes are not an image"))
      return sniffed.isWhole ? Effect.succeed({ bytes, mediaType: sniffed.mediaType }) : Effect.failSync(cut)
    }

    const read = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<ImageFile, Failure> => {
      const declared = declaredLength(response)
      if (declared !== undefined && declared > maxBytes) return tooLarge
      const cut = () => new TryAgain({ message: truncated })
      const chunks: Array<Uint8Array> = []
      let size = 0
      return response.stream.pipe(
        Stream.mapError(broken),
        Stream.runForEach((chunk) => {
          size += chunk.byteLength
          chunks.push(chunk)
          return size > maxBytes ? tooLarge : Effect.void
        }),
        Effect.flatMap(() =>
          declared !== undefined && size !== declared ? Effect.failSync(cut) : file(joinChunks(chunks, size), cut)
        )
      )
    }

    const get = (link: URL, redirects: number): Effect.Effect<ImageFile, Failure> => {
      if (!isSecure(link)) return Effect.fail(failed("Insecure", "the link, or a redirect of it, is not https"))
      if (link.username !== "" || link.password !== "") {
        return Effect.fail(failed("Insecure", "the link, or a redirect of it, contains a password"))
      }
      const permitted = Effect.flatMap(permits(link), (isPermitted) =>
        isPermitted ? Effect.void : Effect.fail(failed("Insecure", "the link, or a redirect of it, is not permitted"))
      )
      return Effect.zipRight(permitted, Effect.mapError(http.get(link), broken)).pipe(
        Effect.flatMap((response): Effect.Effect<ImageFile, Failure> => {
          const location = response.headers.location
          if (response.status >= 300 && response.status < 400 && location !== undefined) {
            if (redirects >= maxRedirects || !URL.canParse(location, link)) {
              return Effect.fail(failed("Unavailable", "the link redirects too often, or to no valid URL"))
            }
            return get(new URL(location, link), redirects + 1)
          }
          return response.status === 200 ? read(response) : refused(response)
        })
      )
    }

    const fromLink = (link: string): Effect.Effect<ImageFile, DownloadFailed<never>> =>
      /^https?:\/\//i.test(link) && URL.canParse(link)
        ? get(new URL(link), 0).pipe(
            Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
            Effect.timeoutFail({
              duration: timeout,
              onTimeout: () => failed("TimedOut", "the download took too long")
            }),
            retry,
            Effect.catchTag("TryAgain", ({ message }) => Effect.fail(failed("Transport", message)))
          )
        : Effect.fail(failed("Unavailable", "the link is not a valid URL"))

    const image: Service["image"] = (img) =>
      Effect.suspend(() => {
        const text = img.trim()
        if (text === "N/A") return Effect.fail(failed("Unavailable", "the server lost this result"))
        if (/^https?:/i.test(text)) return fromLink(text)
        const bytes = isDataUrl(text) ? decodeDataUrl(text) : decodeBase64(text)
        if (bytes === undefined) return Effect.fail(failed("NotAnImage", "the result is not base64"))
        return file(bytes, () => failed("Transport", truncated))
      })

    return { image }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Download, never, HttpClient.HttpClient | HordeClient> =>
  Layer.effect(Download, make(options))
