/** The direct decoder of replies, compared with `ParseResult`, over all models and all recorded bodies. */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { decoderOf, misfit } from "../../packages/horde/src/internal/schema/directDecoder.js"
import { endpoints } from "../contract/endpoints.js"

const folder = new URL("../recordings/", import.meta.url)

const bodies: ReadonlyArray<unknown> = readdirSync(folder)
  .filter((file) => file.endsWith(".jsonl"))
  .flatMap((file) => readFileSync(new URL(file, folder), "utf8").split("\n"))
  .flatMap((line) => {
    const body = line === "" ? undefined : JSON.parse(line).response?.body
    return body === undefined ? [] : [body]
  })

interface Reply {
  readonly name: string
  readonly schema: Schema.Schema.AnyNoContext
}

const replies: ReadonlyArray<Reply> = [...endpoints].flatMap(([name, { success }]) =>
  Object.values(success).map((schema) => ({ name, schema }))
)

/** Both decoders, which must agree: on the value, or on the failure. */
const compare = ({ name, schema }: Reply) => {
  const direct = decoderOf(schema.ast)
  const reference = ParseResult.decodeUnknownEither(schema)
  return (body: unknown): boolean => {
    const before = JSON.stringify(body)
    const found = direct(body)
    const expected = reference(body)
    assert.strictEqual(JSON.stringify(body), before, `${name} changes its input`)
    if (Either.isLeft(expected)) assert.strictEqual(found, misfit, name)
    else assert.deepStrictEqual(found, expected.right, name)
    return Either.isRight(expected)
  }
}

type Change = readonly [path: ReadonlyArray<number>, value: unknown]

/** A copy with another value, or without the member, at a path of indexes. */
const changed = (body: unknown, [[at, ...path], value]: Change): unknown => {
  if (at === undefined || typeof body !== "object" || body === null) return value
  const entries = Object.entries(body)
  const place = entries.length === 0 ? 0 : at % entries.length
  const next = entries.flatMap(([name, member], index) => {
    if (index !== place) return [[name, member] as const]
    const other = changed(member, [path, value])
    return other === undefined ? [] : [[name, other] as const]
  })
  return Array.isArray(body) ? next.map(([, member]) => member) : Object.fromEntries(next)
}

const change: FastCheck.Arbitrary<Change> = FastCheck.tuple(
  FastCheck.array(FastCheck.nat(40), { minLength: 1, maxLength: 4 }),
  FastCheck.constantFrom<Array<unknown>>(null, undefined, -1, 0.5, "", "text", true, [], {}, [null], { id: 1 })
)

describe("the direct decoder", () => {
  it("decodes each recorded body as ParseResult does, with the schema of each endpoint", () => {
    assert.isAtLeast(replies.length, 98)
    let fitting = 0
    for (const reply of replies) {
      const agrees = compare(reply)
      fitting += bodies.filter(agrees).length
    }
    assert.isAtLeast(fitting, 400)
  })

  it.prop(
    "agrees with ParseResult on bodies with changed values",
    [FastCheck.constantFrom(...replies), FastCheck.constantFrom(...bodies), FastCheck.array(change, { maxLength: 3 })],
    ([reply, body, changes]) => {
      compare(reply)(changes.reduce<unknown>(changed, body))
    },
    { fastCheck: { numRuns: 2000 } }
  )
})
