import { assert, describe, it } from "@effect/vitest"
import { Accounts, type HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { embedded } from "./calls.js"
import { pop } from "./outside.js"
import { type Answer, call } from "./raw.js"
import { outcome, popText, submitText } from "./texts.js"

const version515 = { exposesRequests: false }

const oil = {
  name: "oil painting",
  info: "paints in oil, broadly",
  prompt: "{p}, oil painting###{np}, photo",
  params: { steps: 10, width: 1024, height: 512, sampler_name: "k_euler" },
  nsfw: true,
  tags: ["oil"],
  models: ["Deliberate"]
}

const pirate = { name: "pirate", prompt: "Arr: {p}", params: { temperature: 0.9 }, models: ["koboldcpp/LLaMA"] }

const owner = { key: Accounts.ownerKey }

const idOf = ({ body, status, text }: Answer): string => {
  if (status >= 300) throw new Error(`refused: ${status} ${text}`)
  return body["id"] as string
}

const create = (changes: object = {}, type: "image" | "text" = "image") =>
  Effect.map(
    call("POST", `/v2/styles/${type}`, { ...owner, body: { ...(type === "image" ? oil : pirate), ...changes } }),
    idOf
  )

/** A style as it is now, not as a cached reply shows it. */
const style = (id: string, type: "image" | "text" = "image") =>
  Effect.gen(function* () {
    yield* TestClock.adjust("31 seconds")
    return (yield* call("GET", `/v2/styles/${type}/${id}`)).body
  })

const collection = (styles: ReadonlyArray<string>) =>
  Effect.map(call("POST", "/v2/collections", { ...owner, body: { name: "all", styles } }), idOf)

const generate = (body: object, key: string = Accounts.plainKey) =>
  call("POST", "/v2/generate/async", { key, body: { prompt: "a boat", ...body } })

const money = (id: number) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("31 seconds")
    return (yield* call("GET", `/v2/users/${id}`)).body
  })

const sharedKey = (body: object = {}) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { ...owner, body: { kudos: 500, ...body } }), idOf)

describe("styles", () => {
  it.effect("a style is found by its id and by every form of its name", () =>
    Effect.gen(function* () {
      const id = yield* create()
      for (const name of [
        "oil painting",
        "style::oil painting",
        "owner#1::oil painting",
        "owner#1::style::oil painting"
      ]) {
        const { body } = yield* call("GET", `/v2/styles/image_by_name/${encodeURIComponent(name)}`)
        const { public: isPublic, ...rest } = body
        assert.deepStrictEqual(rest, { id, use_count: 0, creator: "owner#1", examples: [], ...oil })
        assert.isTrue(isPublic)
      }
      for (const name of ["plain#2::oil painting", "collection::oil painting", "other"]) {
        const answer = yield* call("GET", `/v2/styles/image_by_name/${encodeURIComponent(name)}`)
        assert.deepStrictEqual(outcome(answer), [404, "StyleNotFound"])
      }
      assert.deepStrictEqual(outcome(yield* call("GET", `/v2/styles/text/${id}`)), [400, "BadRequest"])
      const { body } = yield* call("GET", "/v2/users/1")
      assert.deepStrictEqual(body["styles"], [{ name: "owner#1::style::oil painting", id, type: "image" }])
    }).pipe(embedded())
  )

  it.effect("only trusted accounts and customizers create styles, only the owner changes them", () =>
    Effect.gen(function* () {
      const attempt = (key: string) => Effect.map(call("POST", "/v2/styles/image", { key, body: oil }), outcome)
      assert.deepStrictEqual(yield* attempt("unknown"), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* attempt(Accounts.plainKey), [403, "StylesRequiresCustomizer"])
      assert.deepStrictEqual(yield* attempt(Accounts.anonymousKey), [403, "StylesRequiresCustomizer"])
      assert.deepStrictEqual(yield* attempt("custom"), [200, []])
      const [{ id }] = (yield* call("GET", "/v2/styles/image")).body as unknown as [{ id: string }]
      const path = `/v2/styles/image/${id}`
      const patch = (key: string) => call("PATCH", path, { key, body: { name: oil.name, info: "other words" } })
      assert.deepStrictEqual(outcome(yield* patch(Accounts.ownerKey)), [403, "Forbidden"])
      assert.deepStrictEqual(outcome(yield* patch("custom")), [200, []])
      assert.strictEqual((yield* style(id))["info"], "other words")
      const remove = (key: string) => Effect.map(call("DELETE", path, { key }), outcome)
      assert.deepStrictEqual(yield* remove(Accounts.anonymousKey), [403, "StylesAnonForbidden"])
      assert.deepStrictEqual(yield* remove(Accounts.plainKey), [403, "Forbidden"])
      // a moderator may delete it
      assert.deepStrictEqual(yield* remove(Accounts.ownerKey), [200, []])
      assert.deepStrictEqual(yield* remove(Accounts.ownerKey), [404, "StyleNotFound"])
      assert.strictEqual((yield* style(id))["rc"], "Image styleNotFound")
    }).pipe(
      embedded({
        accounts: [
          ...Accounts.defaults,
          { role: "custom", apiKey: "custom", id: 5, alias: "custom", kudos: 0, customizer: true }
        ]
      })
    )
  )

  it.effect("what a style must not have is refused", () =>
    Effect.gen(function* () {
      const refused = (changes: object, type = "image") =>
        Effect.gen(function* () {
          yield* TestClock.adjust("1 second")
          const body = { ...(type === "image" ? oil : pirate), ...changes }
          return outcome(yield* call("POST", `/v2/styles/${type}`, { ...owner, body }))
        })
      const bad = [400, "BadRequest"]
      assert.deepStrictEqual(yield* refused({ name: undefined }), [400, ["name"]])
      assert.deepStrictEqual(yield* refused({ info: "too short" }), [400, ["info"]])
      assert.deepStrictEqual(yield* refused({ params: { steps: 0 } }), [400, ["params.steps"]])
      assert.deepStrictEqual(yield* refused({ params: { cfg_scale: 7.123 } }), [400, "BadCFGDecimals"])
      assert.deepStrictEqual(yield* refused({ models: [] }), bad)
      assert.deepStrictEqual(yield* refused({ models: ["a", "b", "c", "d", "e", "f"] }), bad)
      assert.deepStrictEqual(yield* refused({ tags: "abcdefghijk".split("") }), bad)
      assert.deepStrictEqual(yield* refused({ prompt: "{p} alone" }), bad)
      assert.deepStrictEqual(yield* refused({ prompt: "nothing" }, "text"), bad)
      assert.deepStrictEqual(yield* refused({ sharedkey: "00000000-0000-4000-8000-000000000000" }), bad)
      const [empty, used] = [yield* sharedKey({ kudos: 0 }), yield* sharedKey({ expiry: 1 })]
      assert.deepStrictEqual(yield* refused({ sharedkey: empty }), bad)
      assert.deepStrictEqual(yield* refused({ name: "with a key", sharedkey: used }), [200, []])
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* refused({ name: "with another", sharedkey: used }), bad)
      assert.deepStrictEqual(yield* refused({ name: "nul\u0000" }), [400, "NulByteInPayload"])
      yield* create()
      assert.deepStrictEqual(yield* refused({}), bad)
    }).pipe(embedded())
  )

  it.effect("lists have the public styles with a tag or a model, and a page skips single styles", () =>
    Effect.gen(function* () {
      for (const name of ["one", "two", "three"]) yield* create({ name, tags: [name], models: [`model ${name}`] })
      yield* create({ name: "private", public: false })
      yield* generate({ style: "two" })
      const list = (query: string) =>
        Effect.map(call("GET", `/v2/styles/image${query}`), ({ body }) =>
          (body as unknown as ReadonlyArray<{ name: string }>).map(({ name }) => name)
        )
      assert.deepStrictEqual(yield* list(""), ["two", "one", "three"])
      assert.deepStrictEqual(yield* list("?sort=age"), ["three", "two", "one"])
      assert.deepStrictEqual(yield* list("?sort=age&page=2"), ["two", "one"])
      assert.deepStrictEqual(yield* list("?tag=one"), ["one"])
      assert.deepStrictEqual(yield* list("?model=model%20three"), ["three"])
      assert.deepStrictEqual(outcome(yield* call("GET", "/v2/styles/image?sort=size")), [400, "BadRequest"])
      const seen = (key: string) => Effect.map(call("GET", "/v2/users/1", { key }), ({ body }) => body["styles"].length)
      assert.deepStrictEqual([yield* seen(Accounts.plainKey), yield* seen(Accounts.ownerKey)], [3, 4])
    }).pipe(embedded())
  )

  it.effect("a change keeps what it does not name; the version 5.1.5 resets it", () =>
    Effect.gen(function* () {
      const changed = (options: HordeServer.Options) =>
        Effect.gen(function* () {
          const id = yield* create({ public: false })
          const body = { name: "oils", tags: ["other"] }
          yield* call("PATCH", `/v2/styles/image/${id}`, { ...owner, body })
          return yield* style(id)
        }).pipe(embedded(options))
      const kept = { name: "oils", tags: ["other"], info: oil.info, params: oil.params, models: oil.models }
      assert.deepInclude(yield* changed({}), { ...kept, prompt: oil.prompt, public: false, nsfw: true })
      assert.deepInclude(yield* changed(version515), { ...kept, prompt: "{p}{np}", public: true, nsfw: false })
    })
  )

  it.effect("the version 5.1.5 fails on changes of text styles, and refuses shared keys in changes", () =>
    Effect.gen(function* () {
      const changes = (options: HordeServer.Options) =>
        Effect.gen(function* () {
          const [image, text] = [yield* create(), yield* create({}, "text")]
          const sharedkey = yield* sharedKey()
          const named = { name: "pirate", info: "talks like one" }
          const patch = (path: string, body: object) =>
            Effect.map(call("PATCH", `/v2/styles/${path}`, { ...owner, body }), ({ status }) => status)
          return [
            yield* patch(`text/${text}`, named),
            (yield* style(text, "text"))["info"],
            yield* patch(`image/${image}`, { name: oil.name, sharedkey }),
            yield* patch(`image/${image}`, { info: "no name is given" })
          ]
        }).pipe(embedded(options))
      assert.deepStrictEqual(yield* changes({}), [200, "talks like one", 200, 200])
      assert.deepStrictEqual(yield* changes(version515), [500, undefined, 400, 400])
    })
  )

  it.effect("a style has up to four examples, one of them primary", () =>
    Effect.gen(function* () {
      const id = yield* create()
      const path = `/v2/styles/image/${id}/example`
      const add = (url: string, primary = false, key = Accounts.ownerKey) =>
        call("POST", path, { key, body: { url, primary } })
      const examples = Effect.map(style(id), ({ examples }) => examples as ReadonlyArray<unknown>)
      const urls = ["a", "b", "c", "d"].map((name) => `https://example.invalid/${name}.webp`)
      const ids: Array<string> = []
      for (const url of urls) ids.push(idOf(yield* add(url, url === urls[0])))
      assert.deepStrictEqual(outcome(yield* add("https://example.invalid/e.webp")), [403, "Forbidden"])
      assert.deepStrictEqual(outcome(yield* add(urls[0] ?? "", false, Accounts.plainKey)), [403, "Forbidden"])
      yield* call("PATCH", `${path}/${ids[1]}`, { ...owner, body: { primary: true } })
      yield* call("DELETE", `${path}/${ids[3]}`, owner)
      assert.deepStrictEqual(
        yield* examples,
        urls.slice(0, 3).map((url, index) => ({ id: ids[index], url, primary: index === 1 }))
      )
      const change = (url: string) => call("PATCH", `${path}/${ids[1]}`, { ...owner, body: { url } })
      assert.deepStrictEqual(outcome(yield* change(urls[2] ?? "")), [400, "BadRequest"])
      assert.deepStrictEqual(outcome(yield* change("http://example.invalid/")), [400, "BadRequest"])
      assert.strictEqual((yield* change("https://example.invalid/z.webp")).status, 200)
      assert.strictEqual((yield* call("POST", path, { ...owner, body: { url: "https://x.invalid" } })).status, 400)
    }).pipe(embedded())
  )

  it.effect("single image styles have 20 calls per hour", () =>
    Effect.gen(function* () {
      const id = yield* create()
      const statuses: Array<number> = []
      for (let index = 0; index < 21; index++) {
        yield* TestClock.adjust("1 second")
        statuses.push((yield* call("GET", `/v2/styles/image/${id}`)).status)
      }
      assert.deepStrictEqual(statuses, [...Array.from({ length: 20 }, () => 200), 429])
    }).pipe(embedded({ limits: "published" }))
  )
})

describe("jobs with a style", () => {
  it.effect("an image job runs with the style's prompt, parameters and models, which its record does not have", () =>
    Effect.gen(function* () {
      const id = yield* create()
      const params = { steps: 20, n: 2, seed: "7", karras: false }
      const job = idOf(yield* generate({ prompt: "a boat###fog", style: id, params, nsfw: false }))
      const { body } = yield* pop({ models: ["Deliberate"] })
      assert.deepInclude(body["payload"], {
        prompt: "a boat, oil painting###fog, photo",
        ddim_steps: 10,
        width: 1024,
        sampler_name: "k_euler",
        seed: "7",
        karras: false
      })
      assert.notProperty(body["payload"], "use_nsfw_censor")
      const submitted = (yield* call("GET", `/v2/generate/request/${job}`, { key: Accounts.plainKey })).body
      assert.deepInclude(submitted, { prompt: "a boat###fog", models: ["stable_diffusion"], nsfw: false })
      assert.deepInclude(submitted["params"], { ...params, width: 512 })
      assert.strictEqual((yield* style(id))["use_count"], 1)
    }).pipe(embedded())
  )

  it.effect("a template without a separator gets the negative prompt behind one", () =>
    Effect.gen(function* () {
      yield* create({ prompt: "ink: {p}{np}" })
      const prompts = Effect.gen(function* () {
        yield* generate({ prompt: "a boat###fog", style: "oil painting" })
        yield* generate({ prompt: "a $& boat", style: "oil painting" })
        const first = (yield* pop({ models: ["Deliberate"] })).body
        const second = (yield* pop({ models: ["Deliberate"] })).body
        return [first["payload"].prompt, second["payload"].prompt]
      })
      assert.deepStrictEqual(yield* prompts, ["ink: a boat###fog", "ink: a $& boat"])
    }).pipe(embedded())
  )

  it.effect("a text job runs with the style; that of another account costs 2 kudos more, which its owner earns", () =>
    Effect.gen(function* () {
      const id = yield* create({}, "text")
      const before = [(yield* money(1))["kudos"], (yield* money(2))["kudos"]]
      yield* submitText({ prompt: "Ahoy", style: id, params: { temperature: 0.1, top_k: 3 } })
      const { payload } = (yield* popText()).body
      assert.deepInclude(payload, { prompt: "Arr: Ahoy", temperature: 0.9, top_k: 3 })
      const [author, user] = [yield* money(1), yield* money(2)]
      assert.deepStrictEqual([author["kudos"], user["kudos"]], [before[0] + 2, before[1] - 3])
      assert.strictEqual(author["kudos_details"].styled, 2)
      assert.deepStrictEqual(author["records"].style, { image: 0, text: 1, interrogation: 0 })
      // one's own style costs nothing more, but counts
      yield* submitText({ style: id }, Accounts.ownerKey)
      assert.strictEqual((yield* money(1))["kudos"], before[0] + 2 + 2 - 1)
    }).pipe(embedded())
  )

  it.effect("a dry run is priced with the style", () =>
    Effect.gen(function* () {
      yield* create({ params: { steps: 100, width: 1024, height: 1024 } })
      const price = (style?: string) => Effect.map(generate({ style, dry_run: true }), ({ body }) => body["kudos"])
      assert.isAbove(yield* price("oil painting"), 2 * (yield* price()))
    }).pipe(embedded())
  )

  it.effect("unknown styles and styles of another kind are refused before the API key is checked", () =>
    Effect.gen(function* () {
      const text = yield* create({}, "text")
      assert.deepStrictEqual(outcome(yield* generate({ style: "no style" }, "unknown")), [404, "StyleNotFound"])
      assert.deepStrictEqual(outcome(yield* generate({ style: text }, "unknown")), [400, "BadRequest"])
      assert.deepStrictEqual(outcome(yield* generate({ style: "pirate" }, "unknown")), [400, "BadRequest"])
      const id = yield* create()
      assert.deepStrictEqual(outcome(yield* generate({ style: id }, "unknown")), [401, "InvalidAPIKey"])
      assert.strictEqual((yield* style(id))["use_count"], 1)
    }).pipe(embedded())
  )

  it.effect("a shared key that is attached to a style works with it only, without its limits on single jobs", () =>
    Effect.gen(function* () {
      const key = yield* sharedKey({ max_image_steps: 5 })
      const id = yield* create({ sharedkey: key })
      yield* create({ name: "without a key" })
      for (const style of [undefined, "without a key"]) {
        assert.deepStrictEqual(outcome(yield* generate({ style }, key)), [403, "SharedKeyAssignedStyles"])
      }
      assert.strictEqual((yield* generate({ style: id }, key)).status, 202)
      assert.isAbove((yield* call("GET", `/v2/sharedkeys/${key}`)).body["utilized"], 0)
      yield* call("DELETE", `/v2/styles/image/${id}`, owner)
      assert.strictEqual((yield* generate({ params: { steps: 5 } }, key)).status, 202)
    }).pipe(embedded())
  )

  it.effect("the shared key of a style is shown to its owner only; the version 5.1.5 shows it to everybody", () =>
    Effect.gen(function* () {
      const shown = (options: HordeServer.Options) =>
        Effect.gen(function* () {
          const key = yield* sharedKey()
          const id = yield* create({ sharedkey: key })
          const of = (apiKey?: string) =>
            Effect.map(
              call("GET", `/v2/styles/image/${id}`, apiKey === undefined ? {} : { key: apiKey }),
              ({ body }) => body["shared_key"]?.id === key
            )
          const before = [yield* of(), yield* of(Accounts.ownerKey)]
          yield* call("DELETE", `/v2/sharedkeys/${key}`, owner)
          yield* TestClock.adjust("31 seconds")
          return [...before, yield* of(Accounts.ownerKey)]
        }).pipe(embedded(options))
      assert.deepStrictEqual(yield* shown({}), [false, true, false])
      assert.deepStrictEqual(yield* shown(version515), [true, true, false])
    })
  )

  it.effect("template fields fill the prompt, and a policy lets a request override parameters", () =>
    Effect.gen(function* () {
      const prompt = "{p} in {place}{np}"
      const template_fields = [{ name: "place", description: "where", required: true }]
      const parameter_policy = { override: "listed", overridable: ["steps"], ceilings: { steps: 20 } }
      yield* create({ prompt, template_fields, parameter_policy })
      const wish = (fields: object | undefined, steps: number) =>
        generate({ style: "oil painting", template_fields: fields, params: { steps, width: 64 } })
      assert.deepStrictEqual(outcome(yield* wish(undefined, 5)), [400, "BadRequest"])
      assert.deepStrictEqual(outcome(yield* wish({ place: "Rome" }, 21)), [400, "StyleParameterAboveCeiling"])
      assert.strictEqual((yield* wish({ place: "Rome" }, 15)).status, 202)
      const { payload } = (yield* pop({ models: ["Deliberate"] })).body
      assert.deepInclude(payload, { prompt: "a boat in Rome", ddim_steps: 15, width: 1024 })
      const alone = yield* generate({ template_fields: { place: "Rome" } })
      assert.deepStrictEqual(outcome(alone), [400, "TemplateFieldsRequireStyle"])
      const undeclared = { ...oil, name: "other", template_fields }
      const refused = yield* call("POST", "/v2/styles/image", { ...owner, body: undeclared })
      assert.deepStrictEqual(outcome(refused), [400, "StyleDeclarationInvalid"])
    }).pipe(embedded())
  )
})

describe("collections", () => {
  it.effect("a collection has styles of one type, and is found by its id and its name", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* create({ name: "one" }), yield* create({ name: "two" })]
      yield* create({}, "text")
      const id = yield* collection(["one", two])
      const short = (name: string, id: string) => ({ name: `owner#1::style::${name}`, id })
      const details = {
        id,
        name: "all",
        type: "image",
        info: null,
        public: true,
        styles: [short("one", one), short("two", two)],
        use_count: 0
      }
      assert.deepStrictEqual((yield* call("GET", `/v2/collections/${id}`)).body, details)
      const byName = yield* call("GET", `/v2/collection_by_name/${encodeURIComponent("owner#1::collection::all")}`)
      assert.deepStrictEqual(byName.body, details)
      const list = (type: string) => Effect.map(call("GET", `/v2/collections?type=${type}`), ({ body }) => body.length)
      assert.deepStrictEqual([yield* list("all"), yield* list("image"), yield* list("text")], [1, 1, 0])
      const make = (styles: ReadonlyArray<string>, key = Accounts.ownerKey) =>
        Effect.map(call("POST", "/v2/collections", { key, body: { name: "mixed", styles } }), outcome)
      assert.deepStrictEqual(yield* make(["one", "pirate"]), [400, "BadRequest"])
      assert.deepStrictEqual(yield* make(["three"]), [400, "BadRequest"])
      assert.deepStrictEqual(yield* make([]), [400, "BadRequest"])
      assert.deepStrictEqual(yield* make(["one"], Accounts.anonymousKey), [403, "StylesAnonForbidden"])
      // any other account may have collections
      assert.deepStrictEqual(yield* make(["one"], Accounts.plainKey), [200, []])
    }).pipe(embedded())
  )

  it.effect("its owner changes it, its owner and moderators delete it, and deleted styles leave it", () =>
    Effect.gen(function* () {
      const one = yield* create({ name: "one" })
      yield* create({ name: "two" })
      const made = yield* call("POST", "/v2/collections", {
        key: Accounts.plainKey,
        body: { name: "all", styles: ["one"] }
      })
      const path = `/v2/collections/${idOf(made)}`
      const patch = (body: object, key = Accounts.plainKey) => Effect.map(call("PATCH", path, { key, body }), outcome)
      assert.deepStrictEqual(yield* patch({ name: "some" }, Accounts.ownerKey), [403, "Forbidden"])
      assert.deepStrictEqual(yield* patch({ name: "some", public: false, styles: ["one", "two"] }), [200, []])
      assert.deepStrictEqual(yield* patch({ styles: ["none"] }), [400, "BadRequest"])
      yield* call("DELETE", `/v2/styles/image/${one}`, owner)
      const { body } = yield* call("GET", path)
      assert.deepInclude(body, { name: "some", public: false })
      assert.deepStrictEqual(body["styles"].length, 1)
      assert.deepStrictEqual((yield* call("GET", "/v2/collections")).text, "[]\n".trim())
      const remove = (key: string) => Effect.map(call("DELETE", path, { key }), outcome)
      assert.deepStrictEqual(yield* remove(Accounts.workerKey), [403, "Forbidden"])
      assert.deepStrictEqual(yield* remove(Accounts.ownerKey), [200, []])
      assert.deepStrictEqual(yield* remove(Accounts.ownerKey), [404, "CollectionNotFound"])
    }).pipe(embedded())
  )

  it.effect("a collection as the style of a job is one of its styles, and both count as used", () =>
    Effect.gen(function* () {
      const ids = [yield* create({ name: "one" }), yield* create({ name: "two" })]
      const id = yield* collection(ids)
      for (let index = 0; index < 8; index++) idOf(yield* generate({ style: index % 2 === 0 ? id : "all" }))
      const counts = [(yield* style(ids[0] ?? ""))["use_count"], (yield* style(ids[1] ?? ""))["use_count"]]
      assert.strictEqual(counts[0] + counts[1], 8)
      assert.isAbove(Math.min(...counts), 0)
      assert.strictEqual((yield* call("GET", `/v2/collections/${id}`)).body["use_count"], 8)
      const template_fields = { place: "Rome" }
      const [none, code] = outcome(yield* generate({ style: id, template_fields }))
      assert.deepStrictEqual([none, code], [400, "TemplateFieldsMatchNoCollectionStyle"])
      const change = { prompt: "{p} in {place}{np}", template_fields: [{ name: "place" }] }
      yield* call("PATCH", `/v2/styles/image/${ids[0]}`, { ...owner, body: change })
      for (let index = 0; index < 4; index++) idOf(yield* generate({ style: id, template_fields }))
      assert.strictEqual((yield* style(ids[0] ?? ""))["use_count"], counts[0] + 4)
    }).pipe(embedded())
  )

  it.effect("the version 5.1.5 needs the styles in every change", () =>
    Effect.gen(function* () {
      yield* create({ name: "one" })
      const id = yield* collection(["one"])
      const patch = (body: object) =>
        Effect.map(call("PATCH", `/v2/collections/${id}`, { ...owner, body }), ({ status }) => status)
      assert.deepStrictEqual([yield* patch({ name: "a" }), yield* patch({ name: "a", styles: ["one"] })], [400, 200])
    }).pipe(embedded(version515))
  )
})
