/** Alchemy jobs on the embedded horde, from the submit to the results. */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults } from "@effect-horde/server"
import { Clock, Effect, Fiber, Redacted, Stream } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import { cancels, polls, request, submits, whole } from "../support/alchemy.js"
import { png } from "../support/jobServer.js"
import { baseUrl } from "../support/stack.js"
import { jobOutcomes, requests, runToEnd, script, small } from "../support/virtualTime.js"

const drawn = Effect.map(ImageGeneration.generate(small()), ([picture]) => picture?.bytes ?? new Uint8Array())

/** The width and height of a WebP file with a header for extensions. */
const sizeOf = (bytes: Uint8Array) => {
  const at = (index: number) => 1 + (bytes[index] ?? 0) + (bytes[index + 1] ?? 0) * 0x100
  return [at(24), at(27)]
}

const byForm = (results: ReadonlyArray<Alchemy.FormResult>) =>
  new Map(results.map((result) => [result.form as string, result]))

describe("alchemy on the embedded horde", () => {
  const texts = ["caption", "interrogation", "nsfw", "vectorize", "palette", "describe", "aesthetic", "annotation"]
  const factors = {
    GFPGAN: 1,
    RealESRGAN_x4plus: 4,
    RealESRGAN_x2plus: 2,
    RealESRGAN_x4plus_anime_6B: 4,
    NMKD_Siax: 4,
    "4x_AnimeSharp": 4,
    CodeFormers: 1,
    strip_background: 1
  }

  it.effect("every form of a drawn picture has a result of its own type", () =>
    Effect.gen(function* () {
      const source_image = yield* runToEnd(drawn)
      const forms = [...texts, ...Object.keys(factors)].map((name) => ({ name }))
      const results = byForm(yield* runToEnd(Alchemy.run({ source_image, forms })))
      assert.sameMembers(
        [...results.keys()],
        forms.map(({ name }) => name)
      )
      for (const [form, factor] of Object.entries(factors)) {
        const result = results.get(form)
        assert(result?._tag === "Image", form)
        assert.deepStrictEqual([result.mediaType, result.extension], ["image/webp", "webp"])
        assert.deepStrictEqual(sizeOf(result.bytes), [64 * factor, 64 * factor], form)
      }
      const [caption, interrogation, nsfw, vectorize, palette, describe, aesthetic, annotation] = texts.map((form) =>
        results.get(form)
      )
      assert(caption?._tag === "Caption" && interrogation?._tag === "Interrogation" && nsfw?._tag === "Nsfw")
      assert.match(caption.text, /^a landscape with \d ridges/)
      assert.isNotEmpty(interrogation.details.tags)
      assert.isFalse(nsfw.isUnsafe)
      assert(vectorize?._tag === "Vectorize" && annotation?._tag === "Annotation")
      assert.match(vectorize.text, /^<svg /)
      assert.match(annotation.text, /^UklGR/)
      assert(palette?._tag === "Json" && describe?._tag === "Json" && aesthetic?._tag === "Json")
      for (const color of palette.value as ReadonlyArray<string>) assert.match(color, /^#[0-9a-f]{6}$/)
      assert.include(String(describe.value), "64 × 64")
      assert.isNumber(aesthetic.value)
    }).pipe(whole())
  )

  it.effect("a job is submitted once, polled at intervals, and not cancelled", () =>
    Effect.gen(function* () {
      yield* runToEnd(Alchemy.run(request("caption", "nsfw")))
      assert.lengthOf(yield* submits, 1)
      assert.isAtMost((yield* polls).length, 10)
      assert.lengthOf(yield* cancels, 0)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(whole())
  )

  it.effect("bytes are sent as base64, and texts as they are", () =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from(Buffer.from(png, "base64"))
      const inBytes = yield* runToEnd(Alchemy.run({ ...request("caption", "palette"), source_image: bytes }))
      const inText = yield* runToEnd(Alchemy.run(request("caption", "palette")))
      assert.deepStrictEqual(byForm(inBytes), byForm(inText))
    }).pipe(whole())
  )

  it.effect("a picture of the embedded horde can be the source by its link, and one of another server cannot", () =>
    Effect.gen(function* () {
      const { id } = yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), ({ reply, result }) => Effect.as(result, reply)))
      )
      const { generations } = yield* ImageGeneration.status(id)
      const source_image = generations[0]?.img ?? ""
      const [result] = yield* runToEnd(Alchemy.run({ ...request("RealESRGAN_x2plus"), source_image }))
      assert(result?._tag === "Image")
      assert.deepStrictEqual(sizeOf(result.bytes), [128, 128])
      const elsewhere = source_image.replace(new URL(source_image).origin, "https://example.com")
      const [other] = yield* runToEnd(Alchemy.run({ ...request("RealESRGAN_x2plus"), source_image: elsewhere }))
      assert.strictEqual(other?._tag, "Failed")
    }).pipe(whole())
  )

  it.effect("a form that fails on four workers is a result, and the other forms have theirs", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(7))
      const results = byForm(yield* runToEnd(Alchemy.run(request("caption", "nsfw"))))
      assert.deepStrictEqual([...results].map(([form, { _tag }]) => [form, _tag]).sort(), [
        ["caption", "Failed"],
        ["nsfw", "Nsfw"]
      ])
      assert.lengthOf(yield* cancels, 0)
    }).pipe(whole())
  )

  it.effect("a job whose forms all fail has a result for each of them", () =>
    Effect.gen(function* () {
      const results = yield* runToEnd(
        Alchemy.run({ ...request("caption", "GFPGAN"), source_image: "https://example.com/a.webp" })
      )
      assert.deepStrictEqual(
        results.map(({ _tag }) => _tag),
        ["Failed", "Failed"]
      )
    }).pipe(whole())
  )

  it.effect("an expired link is replaced by a fresh one", () =>
    Effect.gen(function* () {
      yield* script(Faults.expireLinks(1))
      const [result] = yield* runToEnd(Alchemy.run(request("RealESRGAN_x2plus")))
      assert.strictEqual(result?._tag, "Image")
    }).pipe(whole())
  )

  it.effect("links that stay expired fail the job, with the results of the other forms", () =>
    Effect.gen(function* () {
      yield* script(Faults.expiredLink())
      const error = yield* runToEnd(Effect.flip(Alchemy.run(request("RealESRGAN_x2plus", "caption"))))
      assert(error._tag === "DownloadFailed")
      assert.strictEqual(error.reason, "Expired")
      assert.include(error.message, "RealESRGAN_x2plus")
      assert.deepStrictEqual(
        error.partial.map(({ form }) => form),
        ["caption"]
      )
    }).pipe(whole())
  )

  for (const [fault, reason] of [
    [Faults.unavailableImage(), "Unavailable"],
    [Faults.brokenImage(), "NotAnImage"]
  ] as const) {
    it.effect(`an image that is ${reason} fails the job, with the results of the other forms`, () =>
      Effect.gen(function* () {
        yield* script(fault)
        const error = yield* runToEnd(Effect.flip(Alchemy.run(request("caption", "GFPGAN"))))
        assert(error._tag === "DownloadFailed")
        assert.strictEqual(error.reason, reason)
        assert.lengthOf(error.partial, 1)
        const [result] = yield* runToEnd(Job.acceptPartial(Alchemy.run(request("caption", "GFPGAN"))))
        assert.strictEqual(result?._tag, "Caption")
      }).pipe(whole())
    )
  }

  it.effect("submits wait while the account has the maximum number of unfinished forms", () =>
    Effect.gen(function* () {
      const forms = Array.from({ length: 100 }, () => "nsfw")
      const jobs = Array.from({ length: 4 }, () => Alchemy.run(request(...forms)))
      const results = yield* runToEnd(Effect.all(jobs, { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        results.map(({ length }) => length),
        [100, 100, 100, 100]
      )
      assert.include(
        (yield* submits).map(({ status }) => status),
        429
      )
    }).pipe(whole({ alchemyWorker: { takes: "50 millis", startsAfter: "0 millis" } }))
  )
})

describe("the progress of an alchemy job", () => {
  it.effect("is the ticket, states without results, each result when it arrives, and all results", () =>
    Effect.gen(function* () {
      const events = Array.from(
        yield* runToEnd(
          Stream.runCollect(Alchemy.progress(request("caption", "nsfw", "GFPGAN"), { results: "as they arrive" })),
          "1 second"
        )
      )
      const [first, ...others] = events
      assert(first?._tag === "Submitted")
      assert.strictEqual(first.ticket.kind, "alchemy")
      assert.strictEqual(first.ticket.expected, 3)
      const arrived = others.flatMap((event) => (event._tag === "Arrived" ? [event.result.form] : []))
      assert.deepStrictEqual(arrived, ["caption", "nsfw", "GFPGAN"])
      const checks = others.flatMap((event) => (event._tag === "Checked" ? [event.check] : []))
      assert.isAbove(checks.length, 3)
      assert.notInclude(JSON.stringify(checks), "scene")
      const last = events.at(-1)
      assert(last?._tag === "Finished")
      assert.lengthOf(last.results, 3)
    }).pipe(whole({ alchemyWorker: { takes: "10 seconds" } }))
  )

  it.effect(
    "a form that failed on four workers arrives while the other form is processed, and counts as progress",
    () =>
      Effect.gen(function* () {
        yield* script(Faults.failAttempts(7))
        const startedAt = yield* Clock.currentTimeMillis
        const arrivals: Array<{ readonly tag: string; readonly at: number }> = []
        yield* Alchemy.progress(request("caption", "nsfw"), { results: "as they arrive" }).pipe(
          Stream.runForEach((event) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              if (event._tag === "Arrived") arrivals.push({ tag: event.result._tag, at: now - startedAt })
            })
          ),
          (events) => runToEnd(events, "1 second")
        )
        assert.deepStrictEqual(
          arrivals.map(({ tag }) => tag),
          ["Failed", "Nsfw"]
        )
        // the forms alternate: the seventh attempt is the fourth failure of the caption, and the eighth one succeeds
        const minute = 60_000
        const [failed, nsfw] = arrivals
        assert.isAtLeast(failed?.at ?? 0, 7 * minute)
        assert.isBelow(failed?.at ?? 0, 8 * minute)
        assert.isAtLeast(nsfw?.at ?? 0, 8 * minute)
        // after progress the next one may be near: polls are frequent again
        const times = (yield* polls).map(({ at }) => at - startedAt)
        const shortestIn = (from: number, to: number) => {
          const inside = times.filter((time) => time > from && time < to)
          return Math.min(...inside.slice(1).map((time, index) => time - (inside[index] ?? 0)))
        }
        assert.isAbove(shortestIn(6 * minute, 7 * minute), 4000)
        assert.isBelow(shortestIn(7 * minute, 8 * minute), 2000)
      }).pipe(whole({ alchemyWorker: { takes: "60 seconds", startsAfter: 0 } }))
  )

  it.effect("is shared by all consumers of a job", () =>
    Effect.gen(function* () {
      const results = yield* runToEnd(
        Effect.scoped(
          Effect.flatMap(Alchemy.submit(request("GFPGAN")), ({ result }) =>
            Effect.all([result, result, result], { concurrency: "unbounded" })
          )
        )
      )
      assert.deepStrictEqual(
        results.map(([result]) => result?._tag),
        ["Image", "Image", "Image"]
      )
      assert.lengthOf(yield* requests("GET", "/objects/:id"), 1)
    }).pipe(whole())
  )

  it.effect("ends at the deadline if no worker takes the forms, and the job is cancelled", () =>
    Effect.gen(function* () {
      const error = yield* runToEnd(Effect.flip(Alchemy.run(request("caption"), { deadline: "3 minutes" })))
      assert.strictEqual(error._tag, "JobTimedOut")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(whole({ alchemyWorker: false }))
  )
})

describe("a request of an alchemy job", () => {
  const refused = (input: Alchemy.AlchemyInput, options: Alchemy.WaitOptions = {}) =>
    Effect.gen(function* () {
      const errors = yield* Effect.all([
        Effect.flip(Alchemy.run(input, options)),
        Effect.flip(Effect.scoped(Alchemy.submit(input, options))),
        Effect.flip(Stream.runDrain(Alchemy.progress(input, options)))
      ])
      assert.lengthOf(yield* submits, 0)
      return errors.map((error) => (error._tag === "InvalidRequest" ? Object.keys(error.errors) : error._tag))
    })
  const three = <A>(fields: A) => [fields, fields, fields]

  it.effect("under a shared key is refused before anything is sent", () =>
    Effect.gen(function* () {
      const { id } = yield* SharedKeys.create({ kudos: 100 })
      const shared = refused(request("caption")).pipe(HordeClient.withApiKey(id))
      assert.deepStrictEqual(yield* shared, three(["apiKey"]))
      const error = yield* Effect.flip(Alchemy.run(request("caption")).pipe(HordeClient.withApiKey(id)))
      assert.notInclude(inspect(error), Redacted.value(id))
      const own = Horde.layerAll({ baseUrl, apiKey: id })
      assert.deepStrictEqual(yield* Effect.provide(refused(request("caption")), own), three(["apiKey"]))
    }).pipe(whole())
  )

  it.effect("without forms, without an image or with wrong options is refused", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* refused(request()), three(["payload.forms"]))
      const empty = { ...request("caption"), source_image: new Uint8Array() }
      assert.deepStrictEqual(yield* refused(empty), three(["payload.source_image"]))
      assert.deepStrictEqual(yield* refused(request("caption"), { deadline: 0 }), three(["options.deadline"]))
      const absent = { forms: [{ name: "caption" }] } as unknown as Alchemy.AlchemyInput
      assert.deepStrictEqual(yield* refused(absent), three(["payload.source_image"]))
    }).pipe(whole())
  )

  it.effect("needs an account's key or the anonymous one", () =>
    Effect.gen(function* () {
      const results = yield* runToEnd(Alchemy.run(request("nsfw")))
      assert.lengthOf(results, 1)
    }).pipe(whole({}, { apiKey: Redacted.make(Accounts.anonymousKey) }))
  )
})

describe("an alchemy job that is cancelled", () => {
  it.effect("returns the finished results, and a fiber that waits fails with them", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* Alchemy.submit(request("caption", "nsfw", "GFPGAN"))
            const waits = yield* Effect.fork(Effect.flip(job.result))
            yield* Effect.sleep("15 seconds")
            const results = yield* job.cancel
            assert.deepStrictEqual(
              results.map(({ form }) => form),
              ["caption"]
            )
            const error = yield* Fiber.join(waits)
            assert(error._tag === "JobCancelled")
            assert.deepStrictEqual(error.partial, results)
          })
        ),
        "1 second"
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(whole({ alchemyWorker: { takes: "10 seconds" } }))
  )
})

describe("the ticket of an alchemy job", () => {
  it.effect("opens no job of another kind", () =>
    Effect.gen(function* () {
      const ticket = yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), ({ detach }) => detach))
      )
      const error = yield* Effect.flip(Effect.scoped(Alchemy.resume(ticket)))
      assert(error._tag === "InvalidRequest")
      assert.deepStrictEqual(Object.keys(error.errors), ["ticket.kind"])
    }).pipe(whole())
  )

  it.effect("opens its job in another program", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(
        Effect.scoped(
          Effect.flatMap(Alchemy.submit(request("caption")), ({ detach }) => Effect.map(detach, Job.encodeTicket))
        )
      )
      const results = yield* runToEnd(
        Effect.scoped(
          Effect.flatMap(Job.decodeTicket(text), (ticket) =>
            Effect.flatMap(Alchemy.resume(ticket), ({ result }) => result)
          )
        ).pipe(Effect.provide(Horde.layerAll({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) })))
      )
      assert.deepStrictEqual(
        results.map(({ _tag }) => _tag),
        ["Caption"]
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(whole())
  )
})
