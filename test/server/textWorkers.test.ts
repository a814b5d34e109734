import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { deliver, pop } from "./outside.js"
import { call, submit } from "./raw.js"
import { deliverText, outcome, popText, submitText, textStatus } from "./texts.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

/** The payload without a job. */
const empty = {
  max_context_length: 2048,
  max_length: 80,
  min_p: 0,
  smoothing_factor: 0,
  dynatemp_range: 0,
  dynatemp_exponent: 1
}

describe("external text workers", () => {
  it.effect("a worker takes a job with the parameters that the server knows, and delivers", () =>
    Effect.gen(function* () {
      const params = { n: 3, temperature: 0.5, min_p: 0.1, stop_sequence: ["\n"], max_length: 100, unknown: 1 }
      const id = yield* submitText({ params, softprompt: "lost" })
      const { body } = yield* popText()
      const { n: _n, unknown: _unknown, ...passed } = params
      assert.deepStrictEqual(body, {
        payload: { ...empty, ...passed, prompt: "Once upon a time", n: 1 },
        id: body["id"],
        ids: [body["id"]],
        messages: [],
        ttl: 150,
        extra_source_images: null,
        skipped: {},
        softprompt: null,
        model: "koboldcpp/LLaMA"
      })
      assert.deepStrictEqual((yield* popText({ amount: 5 })).body["ids"].length, 2)
      assert.deepStrictEqual((yield* deliverText(body["id"])).body, { reward: 1.36 })
      assert.deepStrictEqual(outcome(yield* deliverText(body["id"])), [400, "DuplicateGen"])
      const { generations, ...counts } = yield* textStatus(id)
      assert.include(counts, { finished: 1, processing: 2, kudos: 3 })
      assert.include(generations[0], { text: " there was a bay.", seed: 0, worker_name: "t1", state: "ok" })
    }).pipe(embedded())
  )

  it.effect("without a job the payload has the published defaults, and the reasons are counted", () =>
    Effect.gen(function* () {
      const skipped = (changes: object, key?: string) =>
        Effect.gen(function* () {
          const { body } = yield* popText(changes, key)
          assert.deepInclude(body, { payload: empty, id: null, ids: [], ttl: null, model: null })
          return body["skipped"] as object
        })
      assert.deepStrictEqual(yield* skipped({}), {})
      const own = (yield* call("GET", "/v2/find_user", { key: Accounts.workerKey })).body["worker_ids"]
      yield* submitText({ params: { max_length: 200 } })
      yield* submitText({ params: { max_context_length: 8192 } })
      yield* submitText({ trusted_workers: true })
      yield* submitText({ workers: own, worker_blacklist: true })
      yield* submitText({ models: ["other"] })
      yield* submitText({ prompt: "A Castle" })
      const limited = { name: "t2", max_length: 199, max_context_length: 4096, blacklist: ["castle", "time"] }
      assert.deepStrictEqual(yield* skipped(limited), {
        blacklist: 6,
        max_length: 1,
        max_context_length: 1,
        untrusted: 1
      })
      // Every job is too much for a slow worker, but that is not one of the reasons in replies.
      assert.deepStrictEqual(yield* skipped({ name: "t3", extra_slow_worker: true }), {
        max_context_length: 1,
        untrusted: 1
      })
      assert.deepStrictEqual(yield* skipped({ max_length: 199, blacklist: ["castle"] }), {
        blacklist: 1,
        max_length: 1,
        max_context_length: 1,
        untrusted: 1,
        worker_id: 1
      })
    }).pipe(embedded())
  )

  it.effect("jobs with validated_backends go to known programs only", () =>
    Effect.gen(function* () {
      const known = ["AI Horde Worker~aphrodite~oai", "AI Horde Worker~aphrodite~kai", "TabbyAPI", "AI Horde Worker"]
      const unknown = { name: "u", bridge_agent: "AI Horde Worker reGen:9.0.1:-" }
      yield* submitText({ validated_backends: true, params: { n: known.length } })
      const { body } = yield* popText(unknown)
      assert.deepStrictEqual([body["id"], body["skipped"]], [null, { bridge_version: 1 }])
      for (const [index, bridge] of known.entries()) {
        const key = index < 2 ? Accounts.workerKey : Accounts.worker2Key
        assert.isString((yield* popText({ name: `k${index}`, bridge_agent: `${bridge}:1:-` }, key)).body["id"], bridge)
      }
      yield* submitText()
      assert.isString((yield* popText(unknown)).body["id"])
    }).pipe(embedded())
  )

  it.effect("a worker's limits are those of its fields, or the published ones", () =>
    Effect.gen(function* () {
      const { max_context_length: _context, max_length: _length, ...bare } = { max_context_length: 0, max_length: 0 }
      const popped = (name: string) =>
        Effect.map(
          call("POST", "/v2/generate/text/pop", { key: Accounts.workerKey, body: { ...bare, name, models: ["abc"] } }),
          ({ body }) => [body["id"] === null, body["skipped"]]
        )
      yield* submitText({ params: { max_length: 513 } })
      yield* submitText({ params: { max_context_length: 2049 } })
      assert.deepStrictEqual(yield* popped("a"), [true, { max_length: 1, max_context_length: 1 }])
      yield* submitText({ params: { max_length: 512, max_context_length: 2048 } })
      assert.deepStrictEqual(yield* popped("a"), [false, {}])
    }).pipe(embedded())
  )

  it.effect("a result may be censored by its state or by its metadata", () =>
    Effect.gen(function* () {
      const csam = { type: "censorship", value: "csam" }
      const delivered = (changes: object) =>
        Effect.gen(function* () {
          const id = yield* submitText()
          yield* deliverText((yield* popText()).body["id"], changes)
          const { generations, kudos } = yield* textStatus(id)
          return [generations[0].state, generations[0].gen_metadata, kudos]
        })
      assert.deepStrictEqual(yield* delivered({ state: "ok", seed: 7 }), ["ok", [], 3])
      assert.deepStrictEqual(yield* delivered({ state: "censored" }), ["censored", [], 2])
      assert.deepStrictEqual(yield* delivered({ state: "csam" }), ["csam", [csam], 2])
      assert.deepStrictEqual(yield* delivered({ gen_metadata: [csam] }), ["csam", [csam], 2])
      assert.deepStrictEqual(yield* delivered({ state: "csam", gen_metadata: [csam] }), ["csam", [csam], 2])
    }).pipe(embedded())
  )

  it.effect("invalid polls and results are refused", () =>
    Effect.gen(function* () {
      const polls: ReadonlyArray<readonly [object, ReadonlyArray<unknown>, string?]> = [
        [{ max_length: "5" }, [400, ["max_length"]]],
        [{ softprompts: [1] }, [400, ["softprompts.0"]]],
        [{ models: ["ab"] }, [400, ["models.0"]]],
        [{ name: undefined }, [400, ["name"]]],
        [{ priority_usernames: ["x"] }, [400, "InvalidPriorityUsername"]],
        [{ models: [] }, [400, "BadRequest"]],
        [{}, [401, "InvalidAPIKey"], "nobody"],
        [{}, [403, "AnonForbiddenWorker"], Accounts.anonymousKey]
      ]
      for (const [changes, expected, key] of polls) {
        assert.deepStrictEqual(outcome(yield* popText(changes, key)), expected, JSON.stringify(changes))
      }
      yield* submitText()
      const { body } = yield* popText()
      const results: ReadonlyArray<readonly [object, ReadonlyArray<unknown>, string?]> = [
        [{ id: undefined }, [400, ["id"]]],
        [{ seed: "1" }, [400, ["seed"]]],
        [{ state: "bad" }, [400, ["state"]]],
        [{ gen_metadata: [{ type: "lora", value: "csam" }] }, [400, ["gen_metadata.0.type"]]],
        [{ gen_metadata: [{ type: "censorship", value: "nsfw" }] }, [400, ["gen_metadata.0.value"]]],
        [{ generation: undefined }, [400, ["generation"]]],
        [{}, [500, []], "nobody"],
        [{}, [403, "WrongCredentials"], Accounts.worker2Key]
      ]
      for (const [changes, expected, key] of results) {
        assert.deepStrictEqual(outcome(yield* deliverText(body["id"], changes, key)), expected, JSON.stringify(changes))
      }
      assert.deepStrictEqual(outcome(yield* deliverText(body["id"], { generation: "" })), [200, []])
    }).pipe(embedded())
  )

  it.effect("a worker serves one kind of jobs", () =>
    Effect.gen(function* () {
      yield* popText({ name: "both", models: ["stable_diffusion"] })
      assert.deepStrictEqual(outcome(yield* pop({ name: "both" })), [400, "PolymorphicNameConflict"])
      yield* pop({ name: "images" })
      assert.deepStrictEqual(outcome(yield* popText({ name: "images" })), [400, "PolymorphicNameConflict"])
      assert.deepStrictEqual(outcome(yield* popText({ name: "embedded" })), [400, "PolymorphicNameConflict"])
      assert.deepStrictEqual(outcome(yield* popText({ name: "embedded text" })), [403, "WrongCredentials"])
      const image = yield* submit("a bay")
      const text = yield* submitText()
      const popped = (yield* popText({ name: "both" })).body["id"] as string
      assert.deepStrictEqual(outcome(yield* deliver(popped)), [404, "InvalidJobID"])
      assert.isNull((yield* popText({ name: "both" })).body["id"])
      const drawn = (yield* pop({ name: "images" })).body["id"] as string
      assert.deepStrictEqual(outcome(yield* deliverText(drawn)), [404, "InvalidJobID"])
      assert.include(yield* textStatus(text), { processing: 1 })
      assert.strictEqual((yield* call("GET", `/v2/generate/check/${image}`)).body["processing"], 1)
    }).pipe(embedded({ worker: { takesJobs: false }, textWorker: { takesJobs: false } }))
  )
})
