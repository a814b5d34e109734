/** Alchemy jobs: each reply has the state and the results of the forms, in any order and without ids. */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults } from "@effect-horde/server"
import { Effect, Fiber, Layer, Redacted, Stream } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import { cancels, polls, request, submits, whole } from "../support/alchemy.js"
import { jobId, png } from "../support/jobServer.js"
import { type Answer, endpoints, json, type Sent, server } from "../support/scripted.js"
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
      assert.match(caption.text, /^a (dark|soft|bright) .*scene/)
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

  it.effect("a picture of the embedded horde can be the source by its link", () =>
    Effect.gen(function* () {
      const { id } = yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), ({ reply, result }) => Effect.as(result, reply)))
      )
      const { generations } = yield* ImageGeneration.status(id)
      const source_image = generations[0]?.img ?? ""
      const [result] = yield* runToEnd(Alchemy.run({ ...request("RealESRGAN_x2plus"), source_image }))
      assert(result?._tag === "Image")
      assert.deepStrictEqual(sizeOf(result.bytes), [128, 128])
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

/** Runs a job of these forms on a server with these replies to its polls; the last one is repeated. */
const running = (
  names: ReadonlyArray<string>,
  replies: ReadonlyArray<object>,
  other: (sent: Sent) => Answer = () => json(404, {})
) => {
  let polled = 0
  const scripted = server((sent) => {
    if (sent.method === "POST") return json(202, { id: jobId })
    if (!sent.url.pathname.includes("/interrogate/")) return other(sent)
    return json(200, replies[Math.min(sent.method === "DELETE" ? replies.length : polled++, replies.length - 1)])
  })
  return {
    scripted,
    events: runToEnd(
      Stream.runCollect(Alchemy.progress(request(...names), { results: "as they arrive" })),
      "1 second"
    ).pipe(Effect.map(Array.from<Alchemy.Progress>), Effect.provide(endpoints().pipe(Layer.provide(scripted.layer)))),
    results: runToEnd(Alchemy.run(request(...names)), "1 second").pipe(
      Effect.provide(endpoints().pipe(Layer.provide(scripted.layer)))
    )
  }
}

const status = (state: string, ...forms: ReadonlyArray<object>) => ({ state, forms })
const waiting = (form: string) => ({ form, state: "waiting" })
const done = (form: string, value: unknown) => ({ form, state: "done", result: { [form]: value } })
const ended = (form: string, state: string) => ({ form, state })

describe("the results in replies", () => {
  it.effect("forms that are unknown, empty or of another type are JSON, and never fail", () =>
    Effect.gen(function* () {
      const results = yield* running(
        ["a form of tomorrow", "caption", "nsfw", "describe", "2xModernSpanimationV1"],
        [
          status(
            "done",
            done("a form of tomorrow", { deep: [1, null] }),
            done("caption", { a: 1 }),
            ended("nsfw", "done"),
            { form: "describe", state: "done", result: { other: "text" } },
            done("2xModernSpanimationV1", 7)
          )
        ]
      ).results
      assert.deepStrictEqual(
        results.map((result) => [result.form, result._tag, result._tag === "Json" ? result.value : undefined]),
        [
          ["a form of tomorrow", "Json", { deep: [1, null] }],
          ["caption", "Json", {}],
          ["nsfw", "Json", undefined],
          ["describe", "Json", { other: "text" }],
          ["2xModernSpanimationV1", "Json", 7]
        ]
      )
    })
  )

  it.effect("an image is base64 or a link", () =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from(Buffer.from(png, "base64"))
      const { results, scripted } = running(
        ["GFPGAN", "2xModernSpanimationV1"],
        [
          status(
            "done",
            done("GFPGAN", png),
            done("2xModernSpanimationV1", "https://objects.example.invalid/a.webp?signature=1")
          )
        ],
        () => ({ status: 200, bytes })
      )
      for (const result of yield* results) {
        assert(result._tag === "Image")
        assert.deepStrictEqual([result.mediaType, result.bytes.length], ["image/png", bytes.length])
      }
      const [link] = scripted.sent.filter(({ url }) => url.hostname === "objects.example.invalid")
      assert.notProperty(link?.headers, "apikey")
    })
  )

  it.effect("a form that is there twice has two results, whatever order the replies have", () =>
    Effect.gen(function* () {
      const [a, b] = [done("caption", "a"), done("caption", "b")]
      const { events } = running(
        ["caption", "caption", "caption"],
        [
          status("waiting", waiting("caption"), a, waiting("caption")),
          status("waiting", b, a, waiting("caption")),
          status("done", a, b, a)
        ]
      )
      const arrived = (yield* events).flatMap((event) =>
        event._tag === "Arrived" && event.result._tag === "Caption" ? [event.result.text] : []
      )
      assert.deepStrictEqual(arrived, ["a", "b", "a"])
    })
  )

  it.effect("an image of a repeated form is downloaded once, although each reply signs its link anew", () =>
    Effect.gen(function* () {
      const image = (id: string, signature: number) =>
        done("GFPGAN", `https://objects.example.invalid/${id}.webp?signature=${signature}`)
      const { events, scripted } = running(
        ["GFPGAN", "GFPGAN"],
        [
          status("waiting", image("one", 1), waiting("GFPGAN")),
          status("waiting", waiting("GFPGAN"), image("one", 2)),
          status("done", image("two", 3), image("one", 3))
        ],
        () => ({ status: 200, bytes: Uint8Array.from(Buffer.from(png, "base64")) })
      )
      const arrived = (yield* events).filter(({ _tag }) => _tag === "Arrived")
      assert.lengthOf(arrived, 2)
      const downloads = scripted.sent.filter(({ url }) => url.hostname === "objects.example.invalid")
      assert.deepStrictEqual(
        downloads.map(({ url }) => url.pathname),
        ["/one.webp", "/two.webp"]
      )
    })
  )

  it.effect("a job that another program cancelled fails with its finished results", () =>
    Effect.gen(function* () {
      const { results } = running(
        ["caption", "nsfw", "vectorize"],
        [status("partial", done("caption", "a"), ended("nsfw", "cancelled"), ended("vectorize", "faulted"))]
      )
      const error = yield* Effect.flip(results)
      assert(error._tag === "JobFaulted")
      assert.strictEqual(error.reason, "short")
      assert.deepStrictEqual(
        error.partial.map(({ _tag, form }) => [_tag, form]),
        [
          ["Caption", "caption"],
          ["Failed", "vectorize"]
        ]
      )
    })
  )

  it.effect("a job is not over between two forms", () =>
    Effect.gen(function* () {
      const { results } = running(
        ["caption", "nsfw"],
        [
          status("waiting", done("caption", "a"), waiting("nsfw")),
          status("processing", done("caption", "a"), ended("nsfw", "processing")),
          status("waiting", done("caption", "a"), waiting("nsfw")),
          status("done", done("caption", "a"), done("nsfw", true))
        ]
      )
      assert.lengthOf(yield* results, 2)
    })
  )

  it.effect("printed results show their form only", () =>
    Effect.gen(function* () {
      const results = yield* running(
        ["caption", "GFPGAN", "a form of tomorrow"],
        [status("done", done("caption", "a secret"), done("GFPGAN", png), done("a form of tomorrow", ["a secret"]))]
      ).results
      assert.lengthOf(results, 3)
      for (const text of [inspect(results, { depth: 9 }), JSON.stringify(results)]) {
        assert.notInclude(text, "secret")
        assert.notInclude(text, "137")
        assert.include(text, "caption")
      }
    })
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

  it.effect("at its deadline returns the results of the cancel, if they are complete", () =>
    Effect.gen(function* () {
      const scripted = server(({ method }) => {
        if (method === "POST") return json(202, { id: jobId })
        return json(
          200,
          method === "DELETE" ? status("done", done("caption", "a")) : status("waiting", waiting("caption"))
        )
      })
      const results = yield* runToEnd(Alchemy.run(request("caption"), { deadline: "30 seconds" })).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(scripted.layer)))
      )
      assert.lengthOf(results, 1)
    })
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
