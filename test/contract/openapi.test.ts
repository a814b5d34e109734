/** The declarations agree with what the server publishes: parameters, fields, ranges, values, required fields. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type * as Endpoint from "effect-horde/Endpoint"
import * as Workers from "effect-horde/Workers"
import { compare, operationsOf } from "./compare.js"
import { endpoints } from "./endpoints.js"
import { enums } from "./enums.js"
import { exceptions } from "./exceptions.js"
import { documentOf } from "./openapi.js"
import { published } from "./published.js"

const document = documentOf(endpoints)
const comparison = compare(published, document)

describe("the published contract", () => {
  it("each published operation is declared", () => {
    const declared = operationsOf(document.paths)
    assert.isAtLeast(declared.size, 98)
    assert.deepStrictEqual(
      [...operationsOf(published.paths).keys()].filter((name) => !declared.has(name)),
      []
    )
  })

  it("parameters, fields, ranges and required fields are those that are published, with listed exceptions", () => {
    const listed = exceptions.flatMap(({ differences }) => differences)
    assert.sameMembers([...comparison.differences], listed)
    assert.strictEqual(new Set(listed).size, listed.length)
    assert.isAtMost(exceptions.length, 40)
  })

  it("the types know all published values", () => {
    const sorted = (all: Iterable<readonly [string, ReadonlyArray<string>]>) =>
      Object.fromEntries([...all].map(([field, values]) => [field, [...values].sort()]))
    assert.deepStrictEqual(sorted(comparison.enums), sorted(Object.entries(enums)))
  })

  it("a declaration that differs from the published one is found", () => {
    const of = (name: string, change: Partial<Endpoint.Declaration>) => {
      const declaration = endpoints.get(name)
      if (declaration === undefined) throw new Error(`there is no ${name}`)
      const changed = compare(published, documentOf(new Map([[name, { ...declaration, ...change }]])))
      const same = compare(published, documentOf(new Map([[name, declaration]])))
      return [...changed.differences].filter((one) => !same.differences.has(one))
    }
    const { payload: text } = endpoints.get("Styles.CreateText") ?? {}
    const { query: page } = endpoints.get("Collections.List") ?? {}
    assert.deepStrictEqual(of("Styles.ListImage", { query: page ?? {} }), [
      "GET /v2/styles/image ?tag: not declared",
      "GET /v2/styles/image ?model: not declared",
      "GET /v2/styles/image ?type: not published"
    ])
    assert.deepStrictEqual(of("Collections.Get", { apiKey: "required" }), [
      "GET /v2/collections/{}: apikey none, here required"
    ])
    assert.deepStrictEqual(of("Collections.Get", { method: "DELETE" }), [
      "DELETE /v2/collections/{}: apikey required, here none",
      "reply SimpleResponse.message: not declared"
    ])
    assert.deepStrictEqual(of("Users.Get", { params: { id: Schema.Number } }), [
      "GET /v2/users/{} {0}: string, here number"
    ])
    assert.deepStrictEqual(of("Users.Get", { params: {} }), ["GET /v2/users/{} {0}: not declared"])
    assert.deepStrictEqual(of("Users.List", { query: { page: Schema.Positive } }), [
      "GET /v2/users ?sort: not declared",
      "GET /v2/users ?page: required differs",
      "GET /v2/users ?page: integer, here number"
    ])
    assert.deepStrictEqual(of("Workers.List", { success: { 200: Workers.WorkerDetails } }), [
      "reply GET /v2/workers: array, here object"
    ])
    assert.deepStrictEqual(of("Kudos.Transfer", { success: { 200: Schema.Struct({ transferred: Schema.String }) } }), [
      "reply KudosTransferred.transferred: number, here string"
    ])
    assert.includeMembers(text === undefined ? [] : of("Styles.CreateImage", { payload: text }), [
      "ModelStyleInputStable.prompt: minLength 7, here 3",
      "ModelStyleInputParamsStable.sampler_name: not declared"
    ])
  })
})

describe("the OpenAPI document", () => {
  it("each reference has its schema, and each endpoint is in an operation", () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
    assert.isAtLeast(references.length, 100)
    for (const name of references) assert.property(document.components.schemas, name ?? "")
    const routes = new Set([...endpoints.values()].map(({ method, path }) => `${method} ${path}`))
    assert.strictEqual(operationsOf(document.paths).size, routes.size)
    // the fields in `extra` are sent beside the others
    assert.notProperty(document.components.schemas["GenerationInputStable"]?.properties, "extra")
    assert.property(document.components.schemas["GenerationInputStable"]?.properties, "prompt")
  })

  it("a submit and a price call are one operation with both replies", () => {
    const operation = document.paths["/v2/generate/async"]?.["post"]
    assert.strictEqual(operation?.operationId, "ImageGeneration.Submit")
    assert.includeMembers(Object.keys(operation?.responses ?? {}), ["200", "202", "400", "401", "403", "404", "429"])
  })

  it("an operation has the statuses of its errors", () => {
    const operation = document.paths["/v2/workers/{id}"]?.["delete"]
    assert.sameMembers(Object.keys(operation?.responses ?? {}), ["200", "400", "401", "403", "404", "423", "429"])
  })
})
