/** The connection: its configuration, the requests that it sends, and the account of each call. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Endpoint from "effect-horde/Endpoint"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import { forAll } from "../support/forAll.js"
import { endpoints, json, server } from "../support/scripted.js"
import { baseUrl, stack } from "../support/stack.js"
import { rawSubmit } from "../support/virtualTime.js"

const heartbeat = json(200, { message: "OK" })

const uuid = "00000000-0000-4000-8000-00000000000b"

/** The requests of a heartbeat and of a key's creation by a program with this environment. */
const underEnvironment = (environment: Readonly<Record<string, string>>) => {
  const script = server(({ method }) =>
    method === "GET" ? heartbeat : json(401, { message: "", rc: "InvalidAPIKey" })
  )
  return Effect.all([Status.heartbeat, Effect.flip(SharedKeys.create())]).pipe(
    Effect.provide(Horde.layerConfig().pipe(Layer.provide(script.layer))),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
    Effect.as(script.sent)
  )
}

describe("configuration", () => {
  it.effect("HordeClient accepts base URLs in any form", () =>
    Effect.gen(function* () {
      const forms: Readonly<Record<string, string>> = {
        "https://horde.example/api": "https://horde.example/api",
        "https://horde.example/api/": "https://horde.example/api",
        "https://horde.example/api//": "https://horde.example/api",
        "https://horde.example/api/v2": "https://horde.example/api",
        "https://horde.example/api/v2/": "https://horde.example/api",
        "https://horde.example": "https://horde.example/api",
        "https://horde.example/": "https://horde.example/api",
        "http://127.0.0.1:7001": "http://127.0.0.1:7001/api",
        "https://horde.example/below/api?x=1#y": "https://horde.example/below/api"
      }
      for (const [form, address] of Object.entries(forms)) {
        const [first] = yield* underEnvironment({ HORDE_URL: form })
        assert.strictEqual(first?.url.href, `${address}/v2/status/heartbeat`)
      }
      const [first] = yield* underEnvironment({})
      assert.strictEqual(first?.url.href, "https://aihorde.net/api/v2/status/heartbeat")
    })
  )

  it.effect("HordeClient accepts an account's key, a shared key and the anonymous key, which is the default", () =>
    Effect.gen(function* () {
      for (const key of [Accounts.plainKey, uuid, uuid.toUpperCase(), "0000000000"]) {
        const [, create] = yield* underEnvironment({ HORDE_API_KEY: key })
        assert.strictEqual(create?.headers["apikey"], key)
      }
      const [, create] = yield* underEnvironment({})
      assert.strictEqual(create?.headers["apikey"], "0000000000")
    })
  )

  it.effect("a configuration error names the variable and contains no key", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [string, string]> = [
        ["HORDE_API_KEY", ""],
        ["HORDE_API_KEY", "too-short-to-be-a-key"],
        ["HORDE_API_KEY", `${Accounts.plainKey}x`],
        ["HORDE_API_KEY", `${Accounts.plainKey}\n`],
        ["HORDE_API_KEY", `${uuid}0`],
        ["HORDE_URL", "ftp://horde.example"],
        ["HORDE_URL", "horde.example/api"],
        ["HORDE_URL", ""],
        ["HORDE_CLIENT_AGENT", "My-Project:v0.0.1:My-Contact"],
        ["HORDE_CLIENT_AGENT", "just a name"],
        ["HORDE_CLIENT_AGENT", ""],
        ["HORDE_CLIENT_AGENT", "bücher:1.0:me"],
        ["HORDE_CLIENT_AGENT", "name:1.0\u0000:me"],
        ["HORDE_CLIENT_AGENT", "name:1.0:me\r\nx-evil: 1"]
      ]
      for (const [variable, value] of wrong) {
        const error: any = yield* Effect.flip(underEnvironment({ [variable]: value }))
        assert.strictEqual(error._op, "InvalidData", `${variable}=${value}`)
        assert.deepStrictEqual(error.path, [variable])
        assert.include(String(error), variable)
        if (value.length > 3 && variable !== "HORDE_URL") assert.notInclude(String(error), value)
      }
    })
  )

  it.effect("a configuration error contains the invalid address, unless that has a password", () =>
    Effect.gen(function* () {
      const error: any = yield* Effect.flip(underEnvironment({ HORDE_URL: "nonsense" }))
      assert.strictEqual(error.message, 'HORDE_URL is "nonsense": must be an http or https address')
      const withPassword: any = yield* Effect.flip(underEnvironment({ HORDE_URL: "ftp://me:secret@horde.example" }))
      assert.strictEqual(withPassword.message, "HORDE_URL must be an http or https address")
    })
  )

  it.effect("HordeClient rejects invalid time-outs and sizes", () =>
    Effect.gen(function* () {
      const options: ReadonlyArray<HordeClient.Options> = [
        { timeout: 0 },
        { timeout: Number.NaN },
        { creationTimeout: "soon" as "1 second" },
        { maxReplyBytes: 0 },
        { maxReplyBytes: 2 ** 30 },
        { maxReplyBytes: 1.5 }
      ]
      for (const option of options) {
        const [name = ""] = Object.keys(option)
        const layer = Horde.layer({ baseUrl, ...option }).pipe(Layer.provide(server(() => heartbeat).layer))
        const error: any = yield* Effect.flip(Effect.provide(Status.heartbeat, layer))
        assert.deepStrictEqual(error.path, [name], JSON.stringify(option))
      }
    })
  )

  it.effect("HordeClient reads each option from any ConfigProvider", () =>
    Effect.gen(function* () {
      const script = server(() => heartbeat)
      const connection = Horde.layerConfig({
        apiKey: Config.redacted("MY_KEY"),
        baseUrl: Config.succeed(baseUrl),
        clientAgent: Config.succeed("gallery:1.2:me@example.invalid")
      })
      yield* Status.heartbeat.pipe(
        Effect.provide(connection.pipe(Layer.provide(script.layer))),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["MY_KEY", Accounts.plainKey]])))
      )
      assert.strictEqual(script.sent[0]?.headers["client-agent"], "gallery:1.2:me@example.invalid")
    })
  )
})

const id = SharedKeys.sharedKeyId(uuid)
const params = { id: Job.GenerationRequestId.make(uuid) }

const everyCall = Effect.all(
  [
    SharedKeys.create({ kudos: 1 }),
    SharedKeys.get(id),
    SharedKeys.modify(id, { kudos: 1 }),
    SharedKeys.remove(id),
    Effect.scoped(rawSubmit({ prompt: "a bay" })),
    ImageGeneration.price({ prompt: "a bay" }),
    Effect.flatMap(ImageGeneration.Check, (call) => call({ params })),
    Effect.flatMap(ImageGeneration.Status, (call) => call({ params })),
    Effect.flatMap(ImageGeneration.Cancel, (call) => call({ params })),
    Status.heartbeat
  ].map((call) => Effect.either<unknown, unknown, Effect.Effect.Context<typeof call>>(call))
)

describe("requests", () => {
  it.effect("a request has the expected headers and no others, with and without spans", () =>
    Effect.gen(function* () {
      const script = server(() => json(404, { message: "", rc: "RequestNotFound" }))
      const options = { clientAgent: "gallery:1.2:me", apiKey: Redacted.make(Accounts.plainKey) }
      yield* Effect.provide(everyCall, endpoints(options).pipe(Layer.provide(script.layer))).pipe(
        Effect.withSpan("app")
      )
      const seen = script.sent.map(({ headers, method, url }) => [
        `${method} ${url.pathname.replace("/api", "").replace(uuid, ":id")}`,
        Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-length"))
      ])
      const always = { accept: "application/json", "client-agent": "gallery:1.2:me" }
      const withKey = { ...always, apikey: Accounts.plainKey }
      const withBody = { ...withKey, "content-type": "application/json" }
      assert.deepStrictEqual(seen, [
        ["PUT /v2/sharedkeys", withBody],
        ["GET /v2/sharedkeys/:id", withKey],
        ["PATCH /v2/sharedkeys/:id", withBody],
        ["DELETE /v2/sharedkeys/:id", withKey],
        ["POST /v2/generate/async", withBody],
        ["POST /v2/generate/async", withBody],
        ["GET /v2/generate/check/:id", always],
        ["GET /v2/generate/status/:id", always],
        ["DELETE /v2/generate/status/:id", always],
        ["GET /v2/status/heartbeat", always]
      ])
    })
  )

  it.effect("an id with any characters stays within its path segment", () =>
    Effect.gen(function* () {
      const script = server(() => json(401, { message: "", rc: "InvalidAPIKey" }))
      const odd = FastCheck.oneof(
        FastCheck.constantFrom(
          "../admin?x=1#y",
          "..",
          ".",
          "a/b",
          "a\\b",
          "%2e%2e",
          "%2F",
          "a b",
          "ü",
          "?",
          "#",
          "//x",
          "..;"
        ),
        FastCheck.string({ minLength: 1 })
      )
      yield* forAll(odd, (text) =>
        Effect.gen(function* () {
          script.sent.splice(0)
          const error = yield* Effect.flip(SharedKeys.get(SharedKeys.sharedKeyId(text)))
          const [sent] = script.sent
          if (sent === undefined) {
            assert.instanceOf(error, HordeError.InvalidRequest)
            assert.include([".", ".."], text)
            return
          }
          const segments = sent.url.pathname.split("/")
          assert.deepStrictEqual(segments.slice(0, -1), ["", "api", "v2", "sharedkeys"])
          assert.strictEqual(decodeURIComponent(segments.at(-1) ?? ""), text)
          assert.strictEqual(sent.url.search + sent.url.hash, "")
        })
      ).pipe(Effect.provide(endpoints().pipe(Layer.provide(script.layer))))
    })
  )

  it.effect("an id with half a surrogate pair is rejected", () =>
    Effect.gen(function* () {
      const script = server(() => heartbeat)
      const error = yield* Effect.flip(SharedKeys.get(SharedKeys.sharedKeyId("half \ud83d"))).pipe(
        Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
      )
      assert.instanceOf(error, HordeError.InvalidRequest)
      assert.isEmpty(script.sent)
    })
  )
})

describe("Endpoint metadata", () => {
  it("EndpointMetadata returns the address, the headers and the models of an endpoint", () => {
    const request = { params: { id: SharedKeys.sharedKeyId("a/b") } }
    assert.strictEqual(EndpointMetadata.url(SharedKeys.Get, request), "https://aihorde.net/api/v2/sharedkeys/a%2Fb")
    assert.strictEqual(EndpointMetadata.url(SharedKeys.Get, request, `${baseUrl}/`), `${baseUrl}/v2/sharedkeys/a%2Fb`)
    assert.strictEqual(EndpointMetadata.url(Status.Heartbeat, {}, baseUrl), `${baseUrl}/v2/status/heartbeat`)
    assert.deepStrictEqual(EndpointMetadata.headers(SharedKeys.Modify), [
      "accept",
      "client-agent",
      "apikey",
      "content-type"
    ])
    assert.deepStrictEqual(EndpointMetadata.headers(ImageGeneration.Check), ["accept", "client-agent"])
    assert.strictEqual(SharedKeys.Create.declaration.model, "SharedKeyInput")
    assert.strictEqual(ImageGeneration.Price.declaration.model, "GenerationInputStable")
    assert.isUndefined(SharedKeys.Get.declaration.model)
    assert.strictEqual(EndpointMetadata.modelName(SharedKeys.Get.declaration.success[200]), "SharedKeyDetails")
    assert.strictEqual(EndpointMetadata.modelName(ImageGeneration.Check.declaration.success[200]), "RequestStatusCheck")
  })

  it("EndpointMetadata counts results and lists sensitive fields", () => {
    const payload = { prompt: "a bay", params: { n: 3 } }
    assert.strictEqual(EndpointMetadata.resultsExpected(ImageGeneration.Submit, { payload }), 3)
    assert.strictEqual(EndpointMetadata.resultsExpected(ImageGeneration.Submit, { payload: { prompt: "a bay" } }), 1)
    assert.strictEqual(EndpointMetadata.resultsExpected(ImageGeneration.Price, { payload }), 0)
    assert.strictEqual(EndpointMetadata.resultsExpected(Status.Heartbeat, {}), 1)
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(ImageGeneration.Check), ["params.id"])
    assert.includeMembers(
      [...EndpointMetadata.sensitiveFields(ImageGeneration.Submit)],
      ["prompt", "source_image", "source_mask", "webhook", "template_fields", "params.extra_texts.text"].map(
        (field) => `payload.${field}`
      )
    )
    assert.include(EndpointMetadata.sensitiveFields(ImageGeneration.Submit), "payload.extra_source_images.image")
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(SharedKeys.Get), ["params.id"])
  })

  it.effect("withReply returns the status, headers and time of a reply", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("5 seconds")
      const made = yield* Endpoint.withReply(SharedKeys.create({ kudos: 1 }))
      const read = yield* Endpoint.withReply(SharedKeys.get(made.value.id))
      const receipt = Option.getOrThrow(read.receipt)
      assert.strictEqual(receipt.status, 200)
      assert.include(receipt.headers["content-type"], "application/json")
      assert.strictEqual(DateTime.toEpochMillis(receipt.receivedAt), 5000)
      const limit = Option.getOrThrow(receipt.rateLimit)
      assert.deepStrictEqual([limit.limit, limit.remaining], [90, 89])
      assert.strictEqual(DateTime.toEpochMillis(limit.resetsAt), 65_000)
      const beat = yield* Endpoint.withReply(Status.heartbeat)
      assert.isTrue(Option.isNone(Option.getOrThrow(beat.receipt).rateLimit))
      const nothing = yield* Endpoint.withReply(Effect.succeed(1))
      assert.isTrue(Option.isNone(nothing.receipt))
    }).pipe(Effect.provide(stack()))
  )
})

const accountsSeen = Effect.gen(function* () {
  const horde = yield* HordeServer.HordeServer
  return (yield* horde.exchanges).map(({ account, method }) => `${method} ${account}`)
})

describe("accounts", () => {
  it.effect("two clients with different accounts in one program use their own keys", () =>
    Effect.gen(function* () {
      const account = (key: string) => Horde.layer({ baseUrl, apiKey: Redacted.make(key) })
      const [owner, plain] = yield* Effect.all([
        Layer.build(account(Accounts.ownerKey)),
        Layer.build(account(Accounts.plainKey))
      ])
      const create = SharedKeys.create({ kudos: 1 })
      const one = yield* Effect.provide(create, owner)
      const other = yield* Effect.provide(create, plain)
      assert.deepStrictEqual([one.username, other.username], ["owner#1", "plain#2"])
      // the same within one layer graph
      class Two extends Context.Tag("Two")<Two, ReadonlyArray<string>>() {}
      const asks = (key: string) =>
        Layer.effect(
          Two,
          Effect.map(create, ({ username }) => [username])
        ).pipe(Layer.provide(account(key)))
      const first = Layer.map(asks(Accounts.ownerKey), (context) => Context.make(First, Context.get(context, Two)))
      const both = yield* Layer.build(Layer.merge(first, asks(Accounts.plainKey)))
      assert.deepStrictEqual([Context.get(both, First), Context.get(both, Two)], [["owner#1"], ["plain#2"]])
    }).pipe(Effect.scoped, Effect.provide(HordeServer.layerClient({ seed: 1 })))
  )

  it.effect("withApiKey sends one call under an account's key or a shared key", () =>
    Effect.gen(function* () {
      const shared = yield* SharedKeys.create({ kudos: 100 })
      const visitor = HordeClient.withApiKey(Redacted.make(Accounts.plainKey))
      const [key, own] = yield* Effect.all([visitor(SharedKeys.create()), SharedKeys.create()], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([key.username, own.username], ["plain#2", "owner#1"])
      const draw = ImageGeneration.submit({ prompt: "a bay" }).pipe(
        Effect.flatMap((job) => job.detach),
        Effect.scoped
      )
      yield* draw.pipe(HordeClient.withApiKey(shared.id))
      yield* visitor(draw)
      const horde = yield* HordeServer.HordeServer
      assert.deepStrictEqual(
        (yield* horde.jobs).map(({ account }) => account),
        ["owner", "plain"]
      )
      yield* TestClock.adjust("1 second")
      yield* draw
      const submits = (yield* horde.exchanges).filter(({ method }) => method === "POST")
      assert.deepStrictEqual(
        submits.map(({ headers }) => headers["apikey"]),
        [Redacted.value(shared.id), Accounts.plainKey, Accounts.ownerKey]
      )
    }).pipe(Effect.provide(stack({ server: { limits: "raised" } })))
  )

  it.effect("an undefined key is rejected and never becomes the anonymous key", () =>
    Effect.gen(function* () {
      const bad: ReadonlyArray<unknown> = [
        undefined,
        null,
        "0000000000",
        "",
        Redacted.make(""),
        Redacted.make(undefined)
      ]
      for (const key of bad) {
        const error: any = yield* Effect.flip(SharedKeys.create().pipe(HordeClient.withApiKey(key as never)))
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.deepStrictEqual(Object.keys(error.errors), ["apiKey"])
        const made: any = yield* Effect.flip(Layer.build(Horde.layer({ baseUrl, apiKey: key as never })))
        assert.deepStrictEqual(made.path, ["apiKey"])
      }
      assert.isEmpty(yield* accountsSeen)
      const anonymous = yield* Effect.flip(SharedKeys.create().pipe(HordeClient.withApiKey(HordeClient.anonymous)))
      assert.strictEqual(anonymous._tag, "Forbidden")
      assert.deepStrictEqual(yield* accountsSeen, ["PUT anonymous"])
      // a call that sends no key ignores an invalid one
      yield* Status.heartbeat.pipe(HordeClient.withApiKey(undefined as never))
    }).pipe(Effect.scoped, Effect.provide(stack()))
  )
})

class First extends Context.Tag("First")<First, ReadonlyArray<string>>() {}
