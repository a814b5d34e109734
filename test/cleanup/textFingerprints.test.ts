/** The fingerprints by which a journal recognises requests for texts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Redacted } from "effect"
import * as TextGeneration from "effect-horde/TextGeneration"
import { encodeRequest } from "../../packages/horde/src/internal/call/encodeRequest.js"
import { entryOfCall, isPromptOf, isRequestOf } from "../../packages/horde/src/internal/journal/entry.js"
import { forAll } from "../support/forAll.js"
import { stack } from "../support/stack.js"

const apiKey = Redacted.make("a key of 22 characters")
const { declaration } = TextGeneration.Submit
const rule = declaration.followUp.request

const entryOf = (payload: TextGeneration.GenerationInputKobold) =>
  Effect.map(encodeRequest("TextGeneration/Submit", declaration, { payload }, true), (call) =>
    entryOfCall({ now: 0, apiKey }, call, declaration.followUp)
  )

const text = FastCheck.string({ minLength: 1, maxLength: 30 })
const share = FastCheck.integer({ min: 1, max: 100 }).map((percent) => percent / 100)
const flag = FastCheck.boolean()

/** The values of each identifying parameter. */
const params = {
  n: FastCheck.integer({ min: 1, max: 3 }),
  max_length: FastCheck.integer({ min: 16, max: 80 }),
  max_context_length: FastCheck.integer({ min: 80, max: 4096 }),
  temperature: share,
  top_p: share,
  top_k: FastCheck.integer({ min: 0, max: 200 }),
  top_a: share,
  min_p: share,
  typical: share,
  tfs: share,
  rep_pen: share.map((one) => 1 + one),
  rep_pen_range: FastCheck.integer({ min: 0, max: 4096 }),
  rep_pen_slope: share,
  smoothing_factor: share,
  dynatemp_range: share,
  dynatemp_exponent: share,
  sampler_order: FastCheck.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
  stop_sequence: FastCheck.array(text, { minLength: 1, maxLength: 3 }),
  use_default_badwordsids: flag,
  frmtadsnsp: flag,
  frmtrmblln: flag,
  frmtrmspch: flag,
  frmttriminc: flag,
  singleline: flag
} satisfies {
  readonly [Name in Exclude<keyof TextGeneration.ModelGenerationInputKobold, "extra">]: FastCheck.Arbitrary<
    TextGeneration.ModelGenerationInputKobold[Name]
  >
}

/** The values of each other identifying field. */
const fields = {
  prompt: text,
  trusted_workers: flag,
  validated_backends: flag,
  slow_workers: flag,
  extra_slow_workers: flag,
  worker_blacklist: flag,
  models: FastCheck.shuffledSubarray(["koboldcpp/LLaMA", "koboldcpp/Llama-3-8B-Instruct"], { minLength: 1 }),
  disable_batching: flag,
  context_fit: FastCheck.constantFrom("ignore" as const, "grow" as const)
}

const request = FastCheck.tuple(
  FastCheck.record(fields, { requiredKeys: ["prompt"] }),
  FastCheck.option(FastCheck.record(params, { requiredKeys: [] }), { nil: undefined })
).map(([rest, params]): TextGeneration.GenerationInputKobold => (params === undefined ? rest : { ...rest, params }))

/** The request as the embedded server reports it, with its defaults. */
const reported = (payload: TextGeneration.GenerationInputKobold) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { ticket } = yield* TextGeneration.submit(payload)
      return yield* TextGeneration.submitted(Redacted.value(ticket.id) as never)
    })
  ).pipe(
    Effect.map((reported) => ({ ...reported })),
    Effect.provide(stack({ server: { seed: 1 } }))
  )

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** A request, and the same request with another value of one field. */
const differing = FastCheck.oneof(
  FastCheck.constantFrom(...Object.entries(fields)).chain(([name, values]) =>
    FastCheck.tuple(request, values, values).map(([base, one, other]) => ({
      name,
      sent: { ...base, [name]: one },
      other: { ...base, [name]: other },
      isSame: isSame(one, other)
    }))
  ),
  FastCheck.constantFrom(...Object.entries(params)).chain(([name, values]) =>
    FastCheck.tuple(request, values, values).map(([base, one, other]) => ({
      name: `params.${name}`,
      sent: { ...base, params: { ...base.params, [name]: one } },
      other: { ...base, params: { ...base.params, [name]: other } },
      isSame: isSame(one, other)
    }))
  )
)

describe("fingerprints of requests for texts", () => {
  it.effect("an entry matches the request that the server reports, with the defaults that it fills in", () =>
    forAll(
      request,
      (payload) =>
        Effect.gen(function* () {
          const entry = yield* entryOf(payload)
          const found = yield* reported(payload)
          assert.isTrue(isRequestOf(entry, found, rule), JSON.stringify(found))
          assert.isTrue(isPromptOf(entry, found))
        }),
      60
    )
  )

  it.effect("an entry does not match a request that differs in one identifying field", () =>
    Effect.gen(function* () {
      const compared = new Set<string>()
      yield* forAll(
        differing,
        ({ isSame, name, other, sent }) =>
          Effect.gen(function* () {
            // `grow` lets the server change the length of the context
            const isChangeable = name === "params.max_context_length" && sent.context_fit === "grow"
            const entry = yield* entryOf(sent)
            assert.strictEqual(isRequestOf(entry, { ...other }, rule), isSame || isChangeable, name)
            if (!isSame) compared.add(name)
          }),
        2000
      )
      const all = [...Object.keys(fields), ...Object.keys(params).map((name) => `params.${name}`)]
      assert.sameMembers([...compared], all)
    })
  )

  it.effect("an entry does not match a request with additional stop sequences, samplers or images", () =>
    forAll(
      FastCheck.tuple(request, params.stop_sequence, params.sampler_order),
      ([{ params: { sampler_order: _, stop_sequence: __, ...rest } = {}, ...base }, stop_sequence, sampler_order]) =>
        Effect.gen(function* () {
          const entry = yield* entryOf({ ...base, params: rest })
          assert.isTrue(isRequestOf(entry, { ...base, params: rest }, rule))
          assert.isFalse(isRequestOf(entry, { ...base, params: { ...rest, stop_sequence } }, rule))
          assert.isFalse(isRequestOf(entry, { ...base, params: { ...rest, sampler_order } }, rule))
          const images = { extra_source_images: [{ image: "https://store.example.invalid/1.webp" }] }
          assert.isFalse(isRequestOf(entry, { ...base, ...images, params: rest }, rule))
        }),
      200
    )
  )
})
