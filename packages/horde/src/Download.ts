/**
 * Turns what a worker delivered into bytes, whether it came as base64 or as a link.
 *
 * Links are fetched without the API key and without the Client-Agent, over https alone (unless the horde itself is on
 * loopback), within a time and a size.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { HordeClient } from "./HordeClient.js"
import { decodeBase64 } from "./internal/base64.js"
import { isCut, mediaTypeOf } from "./internal/sniff.js"
import { untraced } from "./internal/untraced.js"
import { DownloadFailed } from "./JobError.js"

/**
 * The bytes of a picture.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageFile {
  readonly bytes: Uint8Array
  /** Told by the bytes themselves, such as `image/webp`. */
  readonly mediaType: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The bytes behind an `img` field. */
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
  /** The most bytes that one result may have. 64 MiB by default. */
  readonly maxBytes?: number
  /** How long one download may take. 60 seconds by default. */
  readonly timeout?: Duration.DurationInput
}

const failed = (reason: DownloadFailed["reason"], message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason, message, method: "GET", path: "(a result's link)", partial: [] })

const broken = () => failed("Transport", "the connection broke")

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"])

const maxRedirects = 5

const refusalOf = (status: number): DownloadFailed["reason"] => {
  if (status >= 500 || status === 408 || status === 429) return "Transport"
  return status === 403 || status === 404 || status === 410 ? "Expired" : "Unavailable"
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
    const isLocal = loopback.has(new URL(baseUrl).hostname)
    const http = untraced(yield* HttpClient.HttpClient)

    const tooLarge = Effect.fail(failed("TooLarge", `the result has more than ${maxBytes} bytes`))

    const file = (bytes: Uint8Array): Effect.Effect<ImageFile, DownloadFailed<never>> => {
      const mediaType = mediaTypeOf(bytes)
      return mediaType === undefined
        ? Effect.fail(failed("NotAnImage", "what came is not an image"))
        : Effect.succeed({ bytes, mediaType })
    }

    const read = (response: HttpClientResponse.HttpClientResponse) => {
      const told = Number(response.headers["content-length"])
      if (told > maxBytes) return tooLarge
      // the length of what was compressed says nothing of what comes out
      const isTold = told >= 0 && (response.headers["content-encoding"] ?? "identity") === "identity"
      const chunks: Array<Uint8Array> = []
      let size = 0
      return response.stream.pipe(
        Stream.mapError(broken),
        Stream.runForEach((chunk) => {
          size += chunk.byteLength
          chunks.push(chunk)
          return size > maxBytes ? tooLarge : Effect.void
        }),
        Effect.flatMap(() => {
          const bytes = join(chunks, size)
          const isWhole = isTold ? size === told : !isCut(bytes, size)
          return isWhole ? Effect.succeed(bytes) : Effect.fail(broken())
        })
      )
    }

    const get = (link: URL, redirects: number): Effect.Effect<Uint8Array, DownloadFailed<never>> => {
      const isAllowed =
        link.protocol === "https:" || (link.protocol === "http:" && isLocal && loopback.has(link.hostname))
      if (!isAllowed) return Effect.fail(failed("Insecure", "the link, or a redirect of it, is not https"))
      return http.get(link).pipe(
        Effect.mapError(broken),
        Effect.flatMap((response): Effect.Effect<Uint8Array, DownloadFailed<never>> => {
          const location = response.headers.location
          if (response.status >= 300 && response.status < 400 && location !== undefined) {
            if (redirects >= maxRedirects || !URL.canParse(location, link)) {
              return Effect.fail(failed("Unavailable", "the link redirects without end"))
            }
            return get(new URL(location, link), redirects + 1)
          }
          if (response.status === 200) return read(response)
          return Effect.fail(failed(refusalOf(response.status), `the link answered ${response.status}`))
        })
      )
    }

    const image: Service["image"] = (img) => {
      if (img === "N/A") return Effect.fail(failed("Unavailable", "the server lost this result"))
      if (/^https?:/i.test(img)) {
        if (!URL.canParse(img)) return Effect.fail(failed("Unavailable", "the link is not an address"))
        return get(new URL(img), 0).pipe(
          Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
          Effect.timeoutFail({ duration: timeout, onTimeout: () => failed("TimedOut", "the download took too long") }),
          Effect.retry({ times: 2, while: ({ reason }) => reason === "Transport" }),
          Effect.flatMap(file)
        )
      }
      if (img.length > maxBytes * 1.4) return tooLarge
      const bytes = decodeBase64(img)
      if (bytes === undefined) return Effect.fail(failed("NotAnImage", "the result is not base64"))
      return bytes.byteLength > maxBytes ? tooLarge : file(bytes)
    }

    return { image }
  })

const join = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.byteLength
  }
  return all
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Download, never, HttpClient.HttpClient | HordeClient> =>
  Layer.effect(Download, make(options))
