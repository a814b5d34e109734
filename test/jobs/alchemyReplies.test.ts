/** The replies about alchemy jobs: each has the state and the results of the forms, in any order and without ids. */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import { request } from "../support/alchemy.js"
import { jobId, png } from "../support/jobServer.js"
import { type Answer, endpoints, json, type Sent, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

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

  it.effect("a job at its deadline returns the results of the cancel, if they are complete", () =>
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
