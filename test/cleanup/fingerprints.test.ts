/** The fingerprints by which a journal recognises requests and keys. */
import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Redacted } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { encodeRequest } from "../../packages/horde/src/internal/call/encodeRequest.js"
import { entryOfCall, isPromptOf, isRequestOf, isUnder } from "../../packages/horde/src/internal/journal/entry.js"
import { fingerprint } from "../../packages/horde/src/internal/journal/fingerprint.js"
import { forAll } from "../support/forAll.js"

const apiKey = Redacted.make("a key of 22 characters")
const rule = ImageGeneration.Submit.declaration.followUp

const entryOf = (payload: ImageGeneration.GenerationInputStable) =>
  Effect.map(encodeRequest("ImageGeneration/Submit", ImageGeneration.Submit.declaration, { payload }, true), (call) =>
    entryOfCall({ now: 0, apiKey }, call, rule)
  )

/** The same value with its fields in the opposite order. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, member]) => [name, reversed(member)])
        )
      : value

const full: ImageGeneration.GenerationInputStable = {
  prompt: "a bay ### people",
  params: { n: 2, width: 128, height: 64, steps: 8, seed: "7", cfg_scale: 7.5, loras: [{ name: "ink", model: 0.5 }] },
  models: ["Deliberate", "Fustercluck"],
  nsfw: false,
  slow_workers: false
}

describe("fingerprints", () => {
  it("a fingerprint has 64 bits in 16 digits", () => {
    for (const text of ["", "a", "ä", "🜂", "a".repeat(100_000)]) assert.match(fingerprint(text), /^[0-9a-f]{16}$/)
  })

  it("similar texts have different fingerprints", () => {
    const texts = new Set<string>()
    for (let at = 0; at < 20_000; at++) texts.add(`a picture of a lighthouse at dusk, number ${at}, painted in oil`)
    for (let a = 32; a < 132; a++) {
      for (let b = 32; b < 132; b++) texts.add(`the ${String.fromCharCode(a, b)} end`)
    }
    for (let length = 0; length < 500; length++) texts.add("\0".repeat(length))
    assert.strictEqual(new Set([...texts].map(fingerprint)).size, texts.size)
  })

  it.effect("a fingerprint is the start of the text's SHA-256 at any length", () => {
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16)
    for (let length = 0; length < 300; length++)
      assert.strictEqual(fingerprint("ä".repeat(length)), sha256("ä".repeat(length)))
    const any = FastCheck.string({ unit: "grapheme", maxLength: 500 })
    return forAll(any, (text) => Effect.sync(() => assert.strictEqual(fingerprint(text), sha256(text))), 500)
  })
})

describe("fingerprints in entries", () => {
  it.effect("entries of the same request under the same key have different fingerprints", () =>
    Effect.gen(function* () {
      const entries = yield* Effect.all(Array.from({ length: 50 }, () => entryOf(full)))
      for (const mark of [
        entries.map(({ key }) => key),
        entries.map(({ request }) => request.fingerprint),
        entries.map(({ request }) => request.promptFingerprint),
        entries.map(({ account }) => account.fingerprint)
      ]) {
        assert.strictEqual(new Set(mark).size, 50)
      }
    })
  )

  it.effect("an entry matches its request with fields in any order and with additional fields", () =>
    Effect.gen(function* () {
      const entry = yield* entryOf(full)
      const filledIn = {
        ...full,
        r2: true,
        censor_nsfw: true,
        workers: [],
        of_a_later_version: 1,
        params: { ...full.params, karras: true, sampler_name: "k_lms", of_a_later_version: [] }
      }
      for (const candidate of [full, reversed(full), filledIn, reversed(filledIn)]) {
        assert.isTrue(isRequestOf(entry, { ...(candidate as object) }, rule.request))
      }
    })
  )

  const others: ReadonlyArray<readonly [string, object]> = [
    ["another prompt", { ...full, prompt: "a bay ### people " }],
    ["another parameter", { ...full, params: { ...full.params, steps: 9 } }],
    ["one parameter less", { ...full, params: { n: 2, width: 128, height: 64, steps: 8, seed: "7" } }],
    ["a value of another type", { ...full, params: { ...full.params, seed: 7 } }],
    ["swapped parameters", { ...full, params: { ...full.params, width: 64, height: 128 } }],
    ["another value within a list", { ...full, params: { ...full.params, loras: [{ name: "ink", model: 0.6 }] } }],
    ["a list in another order", { ...full, models: ["Fustercluck", "Deliberate"] }],
    ["another flag", { ...full, nsfw: true }],
    ["no parameters", { ...full, params: undefined }],
    ["an additional textual inversion", { ...full, params: { ...full.params, tis: [{ name: "7808" }] } }],
    ["an additional picture", { ...full, source_image: "https://store.example.invalid/1.webp" }],
    ["nothing", {}]
  ]
  for (const [title, other] of others) {
    it.effect(`an entry does not match a request with ${title}`, () =>
      Effect.gen(function* () {
        assert.isFalse(isRequestOf(yield* entryOf(full), { ...other }, rule.request))
      })
    )
  }

  it.effect("an entry has no fingerprints of undefined fields", () =>
    Effect.gen(function* () {
      const params = { ...full.params, hires_fix: undefined, loras: [{ name: "ink", model: 0.5, clip: undefined }] }
      const entry = yield* entryOf({ ...full, params, workers: undefined })
      assert.deepStrictEqual(entry.request.fields, (yield* entryOf(full)).request.fields)
      assert.isTrue(isRequestOf(entry, { ...full }, rule.request))
    })
  )

  it.effect("an entry matches its own request and prompt, and no other's", () =>
    forAll(FastCheck.tuple(FastCheck.string({ minLength: 1 }), FastCheck.string({ minLength: 1 })), ([prompt, other]) =>
      Effect.gen(function* () {
        const entry = yield* entryOf({ prompt })
        assert.isTrue(isRequestOf(entry, { prompt }, rule.request))
        assert.isTrue(isPromptOf(entry, { prompt }))
        assert.strictEqual(isRequestOf(entry, { prompt: other }, rule.request), prompt === other)
        assert.strictEqual(isPromptOf(entry, { prompt: other }), prompt === other)
      })
    )
  )

  it.effect("an entry matches its own key, and no other", () =>
    Effect.gen(function* () {
      const entry = yield* entryOf(full)
      assert.isTrue(isUnder(entry, apiKey))
      assert.isFalse(isUnder(entry, Redacted.make("a key of 22 character_")))
      // nor with the fingerprint of another entry
      assert.isFalse(isUnder({ ...entry, key: (yield* entryOf(full)).key }, apiKey))
    })
  )
})
