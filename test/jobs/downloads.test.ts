/** Downloaded pictures, and failures to download them. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import * as Download from "effect-horde/Download"
import type { DownloadFailed } from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import { stack } from "../support/stack.js"
import { clearFaults, fetches, jobOutcomes, requests, runToEnd, script, small, timed } from "../support/virtualTime.js"

const horde = Effect.provide(stack())

type Reason = DownloadFailed["reason"]

const isObject = ({ path }: Faults.Request) => path.startsWith("/objects/")

const downloads = Effect.map(requests("GET"), (all) => all.filter(({ path }) => path.startsWith("/objects/")))

const generate = (n: number, r2 = true) => runToEnd(ImageGeneration.generate({ ...small("a quiet bay", n), r2 }))

const failing = (n: number, r2 = true) => Effect.flip(generate(n, r2))

/** A fault for the first picture alone. */
const first = () => {
  let path: string | undefined
  return (request: Faults.Request) => {
    if (!isObject(request)) return false
    path ??= request.path
    return request.path === path
  }
}

describe("pictures as bytes", () => {
  for (const r2 of [true, false]) {
    it.effect(`generate returns bytes ${r2 ? "from links" : "from base64"}`, () =>
      Effect.gen(function* () {
        const pictures = yield* generate(2, r2)
        assert.lengthOf(pictures, 2)
        for (const { bytes, mediaType } of pictures) {
          assert.strictEqual(mediaType, "image/webp")
          assert.strictEqual(new TextDecoder().decode(bytes.subarray(0, 4)), "RIFF")
          assert.strictEqual(new TextDecoder().decode(bytes.subarray(8, 12)), "WEBP")
        }
        assert.lengthOf(yield* downloads, r2 ? 2 : 0)
      }).pipe(horde)
    )
  }

  it.effect("pictures from links and from base64 are the same", () =>
    Effect.gen(function* () {
      const [linked] = yield* generate(1)
      const [inline] = yield* generate(1, false)
      assert.deepStrictEqual(new Uint8Array(linked?.bytes ?? []), new Uint8Array(inline?.bytes ?? []))
    }).pipe(horde)
  )

  it.effect("downloads of generate send no headers of the account", () =>
    Effect.gen(function* () {
      yield* generate(2)
      for (const { headers } of yield* downloads) {
        assert.doesNotHaveAnyKeys(headers, ["apikey", "client-agent", "traceparent", "b3", "x-fields"])
      }
      assert.lengthOf(yield* downloads, 2)
    }).pipe(horde)
  )
})

describe("pictures that cannot be downloaded", () => {
  const faults: ReadonlyArray<readonly [string, () => Faults.Rule, Reason]> = [
    ["a link that returns 403", () => Faults.respond({ status: 403 }, { where: first() }), "Expired"],
    ["a link that returns 404", () => Faults.respond({ status: 404 }, { where: first() }), "Expired"],
    ["a link that returns 410", () => Faults.respond({ status: 410 }, { where: first() }), "Expired"],
    ["a link that returns 401", () => Faults.respond({ status: 401 }, { where: first() }), "Unavailable"],
    ["a link that returns 503", () => Faults.respond({ status: 503 }, { where: first() }), "Transport"],
    ["a connection that breaks", () => Faults.reset("before", { where: first() }), "Transport"],
    ["truncated bytes", () => Faults.truncate({ where: first() }), "Transport"],
    [
      "bytes that are not an image",
      () => Faults.respond({ status: 200, body: "hello" }, { where: first() }),
      "NotAnImage"
    ],
    ["a link that never replies", () => Faults.hang("after", { where: first() }), "TimedOut"],
    ["a redirect to http", () => Faults.redirect("http://example.test/x.webp", { where: first() }), "Insecure"],
    ["endless redirects", () => Faults.redirect("/objects/again.webp", { where: isObjectOfLoop() }), "Unavailable"]
  ]

  for (const [title, rule, reason] of faults) {
    it.effect(`one failed picture keeps the others: ${title}`, () =>
      Effect.gen(function* () {
        yield* script(rule())
        const error = yield* failing(3)
        assert(error._tag === "DownloadFailed")
        assert.strictEqual(error.reason, reason)
        assert.lengthOf(error.partial, 2)
        assert.match(error.message, /^1 of 3 results failed/)
        // the job itself is over: it is not cancelled, and its ticket still works
        assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
        assert.isDefined(error.ticket)
      }).pipe(horde)
    )
  }

  it.effect("a download whose connection broke is repeated", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("before", { where: first(), times: 2 }))
      assert.lengthOf(yield* generate(3), 3)
      assert.lengthOf(yield* downloads, 5)
    }).pipe(horde)
  )

  it.effect("a picture that could not be downloaded can be downloaded later with the error's ticket", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("before", { where: isObject }))
      const error = yield* failing(3)
      assert(error._tag === "DownloadFailed" && error.ticket !== undefined)
      yield* clearFaults
      const { ticket } = error
      const again = Effect.flatMap(ImageGeneration.resume(ticket), (job) => job.result)
      assert.lengthOf(yield* runToEnd(Effect.scoped(again)), 3)
    }).pipe(horde)
  )
})

describe("expired links", () => {
  it.effect("expired links of a job are refreshed with one status request", () =>
    Effect.gen(function* () {
      yield* script(Faults.expireLinks(2))
      const pictures = yield* generate(3)
      assert.lengthOf(pictures, 3)
      assert.lengthOf(new Set(pictures.map(({ id }) => id)), 3)
      assert.lengthOf(yield* fetches, 2)
      const statuses = (yield* downloads).map(({ status }) => status)
      assert.deepStrictEqual(statuses.sort(), [200, 200, 200, 403, 403])
    }).pipe(horde)
  )

  it.effect("expired links are refreshed only once", () =>
    Effect.gen(function* () {
      yield* script(Faults.expiredLink())
      const error = yield* failing(3)
      assert(error._tag === "DownloadFailed" && error.reason === "Expired")
      assert.match(error.message, /^3 of 3 results failed/)
      assert.isTrue(error.isRetryable)
      assert.lengthOf(yield* fetches, 2)
      assert.lengthOf(yield* downloads, 6)
    }).pipe(horde)
  )

  it.effect("a download fails as Expired if the refresh of its link fails", () =>
    Effect.gen(function* () {
      let fetched = 0
      const second = ({ path }: Faults.Request) => path.includes("/generate/status/") && ++fetched > 1
      yield* script(Faults.expireLinks(1), Faults.respond({ status: 500 }, { where: second }))
      const error = yield* failing(2)
      assert(error._tag === "DownloadFailed" && error.reason === "Expired")
      assert.lengthOf(error.partial, 1)
    }).pipe(horde)
  )

  it.effect("links are not refreshed after other failures", () =>
    Effect.gen(function* () {
      yield* script(Faults.unavailableImage())
      assert.strictEqual((yield* failing(2))._tag, "DownloadFailed")
      assert.lengthOf(yield* fetches, 1)
    }).pipe(horde)
  )

  it.effect("expired links are refreshed by the next fetch when pictures are fetched as they arrive", () =>
    Effect.gen(function* () {
      yield* script(Faults.expireLinks(1))
      const request = small("a quiet bay", 4)
      const pictures = yield* runToEnd(ImageGeneration.generate(request, { results: "as they arrive" }), "1 second")
      assert.lengthOf(pictures, 4)
      // each picture but the expired one was downloaded once, and there was one fetch for each picture and none for the
      // refresh
      assert.lengthOf(yield* downloads, 5)
      assert.lengthOf(yield* fetches, 4)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "9 seconds" } } })))
  )

  it.effect("job.cancel refreshes expired links", () =>
    Effect.gen(function* () {
      yield* script(Faults.expireLinks(1))
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small("a quiet bay", 3))
        yield* Effect.sleep("15 seconds")
        return yield* job.cancel
      })
      assert.lengthOf(yield* runToEnd(Effect.scoped(program)), 1)
      assert.lengthOf(yield* fetches, 1)
      assert.lengthOf(yield* downloads, 2)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "9 seconds" } } })))
  )
})

describe("the picture type", () => {
  it.effect("a picture has a Blob, a data URL and the extension of its format", () =>
    Effect.gen(function* () {
      const [picture] = yield* runToEnd(ImageGeneration.generate(small()))
      assert(picture !== undefined)
      const { bytes, extension, mediaType } = picture
      assert.deepStrictEqual([mediaType, extension], ["image/webp", "webp"])
      const blob = picture.blob()
      assert.strictEqual(blob.type, mediaType)
      assert.deepStrictEqual(new Uint8Array(yield* Effect.promise(() => blob.arrayBuffer())), new Uint8Array(bytes))
      assert.strictEqual(picture.dataUrl(), `data:image/webp;base64,${Buffer.from(bytes).toString("base64")}`)
    }).pipe(horde)
  )
})

describe("ImageGeneration.download", () => {
  /** Submits a job with this number of pictures, and waits. */
  const after = (seconds: number, n: number, r2 = true) =>
    Effect.gen(function* () {
      const job = yield* ImageGeneration.submit({ ...small("a quiet bay", n), r2 })
      yield* Effect.sleep(`${seconds} seconds`)
      return Job.GenerationRequestId.make(Redacted.value(job.ticket.id))
    })

  for (const r2 of [true, false]) {
    it.effect(`download returns the finished pictures of a job, ${r2 ? "from links" : "from base64"}`, () =>
      Effect.gen(function* () {
        const program = Effect.gen(function* () {
          const id = yield* after(15, 3, r2)
          const some = yield* ImageGeneration.download(id)
          yield* Effect.sleep("30 seconds")
          return { some, all: yield* ImageGeneration.download(id) }
        })
        const { all, some } = yield* runToEnd(Effect.scoped(program))
        assert.lengthOf(some, 1)
        assert.lengthOf(all, 3)
        assert.isTrue(all.some(({ id }) => id === some[0]?.id))
        for (const { bytes, mediaType } of all) {
          assert.strictEqual(mediaType, "image/webp")
          assert.isAbove(bytes.byteLength, 100)
        }
        assert.lengthOf(yield* fetches, 2)
      }).pipe(Effect.provide(stack({ server: { worker: { takes: "9 seconds" } } })))
    )
  }

  it.effect("download refreshes expired links and keeps the pictures that it has", () =>
    Effect.gen(function* () {
      yield* script(Faults.expireLinks(2))
      const program = Effect.gen(function* () {
        const id = yield* after(60, 3)
        assert.lengthOf(yield* ImageGeneration.download(id), 3)
        assert.lengthOf(yield* fetches, 2)
        yield* clearFaults
        yield* script(Faults.respond({ status: 404 }, { where: first() }))
        return yield* Effect.flip(ImageGeneration.download(id))
      })
      const error = yield* runToEnd(Effect.scoped(program))
      assert(error._tag === "DownloadFailed")
      assert.strictEqual(error.reason, "Expired")
      assert.lengthOf(error.partial, 2)
      assert.isUndefined(error.ticket)
      assert.lengthOf(yield* fetches, 4)
    }).pipe(horde)
  )

  it.effect("download of an unknown job fails with NotFound", () =>
    Effect.gen(function* () {
      const id = Job.GenerationRequestId.make("00000000-0000-4000-8000-000000000000")
      assert.strictEqual((yield* Effect.flip(ImageGeneration.download(id)))._tag, "NotFound")
    }).pipe(horde)
  )

  it.effect("download fetches no more pictures at once than its concurrency allows", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("2 seconds", { where: isObject }))
      const program = Effect.gen(function* () {
        const id = yield* after(60, 6)
        const one = yield* timed(ImageGeneration.download(id, { concurrency: 1 }))
        const three = yield* timed(ImageGeneration.download(id, { concurrency: 3 }))
        const standard = yield* timed(ImageGeneration.download(id))
        return [one.took, three.took, standard.took]
      })
      assert.deepStrictEqual(yield* runToEnd(Effect.scoped(program), "1 second"), [12_000, 4000, 4000])
    }).pipe(horde)
  )
})

function isObjectOfLoop() {
  const isFirst = first()
  return (request: Faults.Request) => isFirst(request) || request.path === "/objects/again.webp"
}

describe("pictures that the server loses", () => {
  const losses: ReadonlyArray<readonly [string, Faults.Rule, Reason]> = [
    ["an unavailable store", Faults.unavailableImage(), "Unavailable"],
    ["broken pictures", Faults.brokenImage(), "NotAnImage"],
    ["dead links", Faults.expiredLink(), "Expired"]
  ]
  for (const [title, rule, reason] of losses) {
    for (const r2 of [true, false]) {
      if (!r2 && title === "dead links") continue
      it.effect(`a job that finished with ${title} fails with DownloadFailed, ${r2 ? "as links" : "as base64"}`, () =>
        Effect.gen(function* () {
          yield* script(rule)
          const error = yield* failing(2, r2)
          assert(error._tag === "DownloadFailed")
          assert.strictEqual(error.reason, reason)
          assert.deepStrictEqual(error.partial, [])
          assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
        }).pipe(horde)
      )
    }
  }
})

describe("limits of downloads", () => {
  const tight = Effect.provide(
    Download.layer({ maxBytes: 100, timeout: "5 seconds" }).pipe(Layer.provideMerge(stack()))
  )

  for (const r2 of [true, false]) {
    it.effect(`maxBytes limits the size of a picture, ${r2 ? "for links" : "for base64"}`, () =>
      Effect.gen(function* () {
        const error = yield* failing(1, r2)
        assert(error._tag === "DownloadFailed")
        assert.strictEqual(error.reason, "TooLarge")
      }).pipe(tight)
    )
  }

  it.effect("a download times out after a minute by default", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("after", { where: isObject, sends: "half" }))
      const { took, value } = yield* runToEnd(timed(Effect.flip(ImageGeneration.generate(small()))))
      assert(value._tag === "DownloadFailed")
      assert.strictEqual(value.reason, "TimedOut")
      assert.isAtLeast(took, 60_000)
      assert.isBelow(took, 70_000)
    }).pipe(horde)
  )

  it.effect("a download times out after its own time-out", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("after", { where: isObject }))
      const { took, value } = yield* runToEnd(timed(Effect.flip(ImageGeneration.generate(small()))))
      assert(value._tag === "DownloadFailed")
      assert.strictEqual(value.reason, "TimedOut")
      assert.isBelow(took, 15_000)
    }).pipe(tight)
  )
})
