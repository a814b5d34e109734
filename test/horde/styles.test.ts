/** Styles and collections: paths, queries and bodies as they are sent, shared keys, and replies of newer servers. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Collections from "effect-horde/Collections"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import type * as HordeError from "effect-horde/HordeError"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Styles from "effect-horde/Styles"
import { answering, endpoints, json, type Services, server } from "../support/scripted.js"
import { sharedKeyDetails } from "../support/sharedKeyDetails.js"

const id = "f3d168b3-457f-44c1-a7d6-4da8baf86a7e"
const sharedKey = "0b7d9a3e-93b6-4df1-8d5f-2b7a8c1d4e55"
const odd = "a/b?c#d::ü %"
const oddInPath = "a%2Fb%3Fc%23d%3A%3A%C3%BC%20%25"

/** Runs a call on a server that returns `reply`, and returns the request that it sent. */
const requestOf = <A, E>(call: Effect.Effect<A, E, Services>, reply: unknown) =>
  Effect.gen(function* () {
    const script = server(() => json(200, reply))
    yield* Effect.provide(call, endpoints().pipe(Layer.provide(script.layer)))
    const [sent] = script.sent
    assert.lengthOf(script.sent, 1)
    const body = sent?.body === undefined ? [] : [JSON.parse(sent.body)]
    return [`${sent?.method} ${sent?.url.pathname}${sent?.url.search}`, sent?.headers["apikey"] ?? "no key", ...body]
  })

const style = { name: "ink", prompt: "{p}, ink###{np}", models: ["stable_diffusion"] }
const example = { url: "https://example.invalid/a.webp", primary: false }
const changed = { id, message: "OK" }
const simple = { message: "OK" }
const image = "/api/v2/styles/image"
const text = "/api/v2/styles/text"
const collections = "/api/v2/collections"
const key = Accounts.ownerKey
const found = { id, name: "ink" }

type Case = readonly [call: Effect.Effect<unknown, unknown, Services>, reply: unknown, request: ReadonlyArray<unknown>]

const cases: Readonly<Record<string, Case>> = {
  listImage: [Styles.listImage(), [], [`GET ${image}`, "no key"]],
  "listImage with a query": [
    Styles.listImage({ sort: "age", page: 2, tag: "a&b", model: "c d" }),
    [],
    [`GET ${image}?sort=age&page=2&tag=a%26b&model=c+d`, "no key"]
  ],
  createImage: [
    Styles.createImage({ ...style, sharedkey: SharedKeys.sharedKeyId(sharedKey), params: { steps: 8 } }),
    changed,
    [`POST ${image}`, key, { ...style, sharedkey: sharedKey, params: { steps: 8 } }]
  ],
  getImage: [Styles.getImage(odd), found, [`GET ${image}/${oddInPath}`, key]],
  getImageByName: [Styles.getImageByName(odd), found, [`GET ${image}_by_name/${oddInPath}`, key]],
  modifyImage: [Styles.modifyImage(id, { info: "a" }), changed, [`PATCH ${image}/${id}`, key, { info: "a" }]],
  removeImage: [Styles.removeImage(id), simple, [`DELETE ${image}/${id}`, key]],
  addExample: [Styles.addExample(id, example), changed, [`POST ${image}/${id}/example`, key, example]],
  modifyExample: [
    Styles.modifyExample(id, odd, { primary: true }),
    changed,
    [`PATCH ${image}/${id}/example/${oddInPath}`, key, { primary: true }]
  ],
  removeExample: [Styles.removeExample(id, odd), simple, [`DELETE ${image}/${id}/example/${oddInPath}`, key]],
  listText: [Styles.listText({ tag: "sea" }), [], [`GET ${text}?tag=sea`, "no key"]],
  createText: [
    Styles.createText({ ...style, params: { temperature: 0.5, extra: { tomorrow: 1 } } }),
    changed,
    [`POST ${text}`, key, { ...style, params: { temperature: 0.5, tomorrow: 1 } }]
  ],
  getText: [Styles.getText(id), found, [`GET ${text}/${id}`, key]],
  getTextByName: [Styles.getTextByName(odd), found, [`GET ${text}_by_name/${oddInPath}`, key]],
  modifyText: [Styles.modifyText(id, { nsfw: true }), changed, [`PATCH ${text}/${id}`, key, { nsfw: true }]],
  removeText: [Styles.removeText(id), simple, [`DELETE ${text}/${id}`, key]],
  list: [Collections.list({ type: "text" }), [], [`GET ${collections}?type=text`, "no key"]],
  create: [
    Collections.create({ name: "inks", styles: ["ink"] }),
    changed,
    [`POST ${collections}`, key, { name: "inks", styles: ["ink"] }]
  ],
  get: [Collections.get(id), found, [`GET ${collections}/${id}`, "no key"]],
  getByName: [Collections.getByName(odd), found, [`GET /api/v2/collection_by_name/${oddInPath}`, "no key"]],
  modify: [Collections.modify(id, { public: false }), changed, [`PATCH ${collections}/${id}`, key, { public: false }]],
  remove: [Collections.remove(id), simple, [`DELETE ${collections}/${id}`, key]]
}

describe("requests for styles and collections", () => {
  for (const [name, [call, reply, request]] of Object.entries(cases)) {
    it.effect(`${name} sends its path, query and body`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* requestOf(call, reply), request)
      })
    )
  }

  it.effect("an id or a name that is no path segment is not sent", () =>
    Effect.gen(function* () {
      const script = server(() => json(200, found))
      const layer = endpoints().pipe(Layer.provide(script.layer))
      const calls: ReadonlyArray<(segment: string) => Effect.Effect<unknown, HordeError.CallError, Services>> = [
        Styles.getImage,
        Styles.getTextByName,
        Styles.removeText,
        Collections.get,
        Collections.getByName,
        (id: string) => Styles.removeExample("a style", id)
      ]
      for (const call of calls) {
        for (const segment of ["", ".", "..", "\ud83d"]) {
          const error = yield* Effect.flip(Effect.provide(call(segment), layer))
          assert.strictEqual(error._tag, "InvalidRequest")
        }
      }
      assert.lengthOf(script.sent, 0)
    })
  )

  it.effect("the shared key and the prompt of a style are not in errors and logs", () =>
    Effect.gen(function* () {
      const input = { ...style, sharedkey: SharedKeys.sharedKeyId(sharedKey) }
      const refused = json(403, { message: `${sharedKey} may not pay for ${style.prompt}`, rc: "Forbidden" })
      const error = yield* Effect.flip(Styles.createImage(input)).pipe(Effect.provide(answering(refused)))
      assert.strictEqual(error.message, "<redacted> may not pay for <redacted>")
      assert.notInclude(JSON.stringify(input), sharedKey)
      const shown = JSON.stringify(EndpointMetadata.logSafe(Styles.CreateImage, { payload: input }))
      assert.notMatch(shown, /0b7d9a3e|ink###/)
    })
  )
})

describe("replies about styles and collections", () => {
  it.effect("the fields of newer servers are decoded, and the shared key is redacted", () =>
    Effect.gen(function* () {
      const reply = {
        ...found,
        parameter_policy: { override: "listed", overridable: ["steps"], ceilings: { steps: 30 } },
        template_fields: [{ name: "place", description: "where it is", required: true }],
        updated: "Wed, 25 Nov 2026 03:34:28 -0000",
        params: { steps: 8, "a parameter of tomorrow": 1 },
        shared_key: { ...sharedKeyDetails, id: sharedKey },
        max_length: 80,
        max_context_length: 2048
      }
      const got = yield* Styles.getText(id).pipe(Effect.provide(answering(json(200, reply))))
      assert.deepStrictEqual(got.parameter_policy, reply.parameter_policy)
      assert.deepStrictEqual(got.template_fields, reply.template_fields)
      assert.deepStrictEqual([got.max_length, got.max_context_length], [80, 2048])
      assert.strictEqual(got.updated && DateTime.formatIso(got.updated), "2026-11-25T03:34:28.000Z")
      assert.deepStrictEqual(got.params, reply.params)
      assert.strictEqual(got.shared_key && Redacted.value(got.shared_key.id), sharedKey)
      assert.notInclude(JSON.stringify(got), sharedKey)
    })
  )

  it.effect("an entry that cannot be decoded does not fail the list", () =>
    Effect.gen(function* () {
      const list = [{ ...found, tags: 5, use_count: "7" }, { name: "no id" }, 5, null, found]
      const styles = yield* Styles.listImage().pipe(Effect.provide(answering(json(200, list))))
      assert.deepStrictEqual(styles, [{ ...found, use_count: 7 }, found])
      const error = yield* Effect.flip(Collections.list()).pipe(Effect.provide(answering(json(200, { list }))))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    })
  )
})
