/** Objects: the prompt has the JSON schema, and the answer's first JSON object is decoded. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { runToEnd } from "../support/virtualTime.js"
import { answering } from "./support.js"

const Contact = Schema.Struct({ name: Schema.String, age: Schema.NumberFromString }).annotations({
  identifier: "Contact"
})

const contact = LanguageModel.generateObject({ prompt: "Ada, 36 years old", schema: Contact, objectName: "contact" })

const json = '{"name":"Ada {\\"}\\"}","age":"36"}'

const answers: Readonly<Record<string, string>> = {
  alone: json,
  "in a fence": `Sure!\n\`\`\`json\n${json}\n\`\`\`\nDone.`,
  "after a set of braces that is no JSON": `{name} becomes ${json}`,
  "after the thoughts of a reasoning model": `<think>maybe {"name":"Bob","age":"1"}</think>\n${json}`,
  "before another object": `${json}\n{"name":"Bob","age":"1"}`
}

describe("generateObject", () => {
  for (const [name, answer] of Object.entries(answers)) {
    it.effect(`an object ${name}`, () => {
      const horde = answering(answer)
      return Effect.gen(function* () {
        assert.deepStrictEqual((yield* runToEnd(contact)).value, { name: 'Ada {"}"}', age: 36 })
      }).pipe(horde.run)
    })
  }

  it.effect("the last message of the user has the instructions and the schema", () => {
    const horde = answering(json)
    return Effect.gen(function* () {
      yield* runToEnd(contact)
      const [body] = yield* horde.submitted
      assert.match(body?.prompt ?? "", /^User: Ada, 36 years old\n\nReply with one JSON object, "contact", and/)
      assert.include(body?.prompt, '"required":["name","age"]')
      assert.match(body?.prompt ?? "", /\n\nAssistant:$/)
    }).pipe(horde.run)
  })

  for (const [name, answer] of Object.entries({
    "a sentence": "I do not know.",
    "an object that does not match": '{"name":"Ada"}',
    "an object without an end": '{"name":"Ada","age":"3',
    "many braces": "{".repeat(60_000),
    nothing: ""
  })) {
    it.effect(`${name} is MalformedOutput`, () => {
      const horde = answering(answer)
      return Effect.gen(function* () {
        const error = yield* Effect.flip(runToEnd(contact))
        assert.strictEqual(error._tag, "MalformedOutput")
        assert.strictEqual(horde.counts.submit, 1)
      }).pipe(horde.run)
    })
  }

  it.effect("a schema without a JSON schema is refused before anything is sent", () => {
    const horde = answering(json)
    const schema = Schema.Struct({ when: Schema.DateFromSelf })
    return Effect.gen(function* () {
      // @ts-expect-error a date is no JSON, and the compiler knows it only for some schemas
      const unknown: Schema.Schema<object, Record<string, unknown>> = schema
      const error = yield* Effect.flip(LanguageModel.generateObject({ prompt: "now", schema: unknown }))
      assert(error._tag === "MalformedInput")
      assert.include(error.description, "has no JSON schema")
      assert.strictEqual(horde.counts.submit, 0)
    }).pipe(horde.run)
  })
})
