/** Each model of a request or of a reply reads what it writes. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { endpoints } from "../contract/endpoints.js"

/** The item of a list; other schemas as they are. A list of arbitrary items would take minutes. */
const itemOf = (ast: AST.AST): AST.AST => {
  const [rest] = AST.isTupleType(ast) ? ast.rest : []
  return rest === undefined ? ast : itemOf(rest.type)
}

const models = new Map<AST.AST, string>()
for (const [name, { payload, success }] of endpoints) {
  for (const [part, schema] of [["payload", payload] as const, ...Object.entries(success)]) {
    if (schema === undefined) continue
    const ast = itemOf(schema.ast)
    if (!models.has(ast)) models.set(ast, `${name} ${part}`)
  }
}

/** The JSON text of a value; `undefined` if it has a number that JSON cannot express. */
const jsonOf = (value: unknown): string | undefined => {
  let isFinite = true
  const text = JSON.stringify(value, (_, member) => {
    if (typeof member === "number" && !Number.isFinite(member)) isFinite = false
    return member
  })
  return isFinite ? text : undefined
}

describe("round trips", () => {
  it("there are models of all endpoints", () => {
    assert.isAtLeast(models.size, 90)
  })

  for (const [ast, name] of models) {
    const schema = Schema.make<unknown, unknown, never>(ast)
    const isValid = Schema.is(schema)
    const encode = Schema.encodeSync(schema)
    const decode = Schema.decodeUnknownSync(schema)

    it.prop(`${name} reads what it writes`, [Arbitrary.make(schema)], ([value]) => {
      // the name of an arbitrary further field may be that of a known one, with a value of another type
      FastCheck.pre(isValid(value))
      const wire = jsonOf(encode(value))
      // the parser of dates reads years of four digits
      FastCheck.pre(wire !== undefined && !/"[+-]\d{6}-/.test(wire))
      assert.strictEqual(jsonOf(encode(decode(JSON.parse(wire)))), wire)
    })
  }
})
