/** What the calls of the smaller resources send, and how their models read null. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { Documents, Filters, Kudos, Operations, Stats, Status, Teams, Users, Workers } from "effect-horde"
import * as Endpoint from "effect-horde/Endpoint"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import type * as HordeError from "effect-horde/HordeError"
import { answering, endpoints, json, type Services, server } from "../support/scripted.js"

/** The request of a call as `METHOD /path?query body`, and the headers that matter. */
const sentBy = <A, E>(call: Effect.Effect<A, E, Services>, reply: unknown = {}) => {
  const script = server(() => json(200, reply))
  return Effect.gen(function* () {
    yield* Effect.exit(call)
    assert.isAtMost(script.sent.length, 1)
    const [sent] = script.sent
    if (sent === undefined) return "nothing"
    const { body, method, url } = sent
    return `${method} ${url.pathname.replace("/api/v2", "")}${url.search}${body === undefined ? "" : ` ${body}`}`
  }).pipe(Effect.provide(endpoints().pipe(Layer.provide(script.layer))))
}

const id = "575f9eef-b451-4923-b803-87d8248e6ba1"

const calls: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Services>, string]> = [
  [Workers.list(), "GET /workers"],
  [Workers.list({ type: "text", name: "w #1" }), "GET /workers?type=text&name=w+%231"],
  [Workers.get(id), `GET /workers/${id}`],
  [Workers.modify(id, { maintenance: false, team: "" }), `PUT /workers/${id} {"maintenance":false,"team":""}`],
  [Workers.modify(id, { extra: { newer: 1 } }), `PUT /workers/${id} {"newer":1}`],
  [Workers.modify(id, {}), "nothing"],
  [Workers.modify(id, { name: "four" }), "nothing"],
  [Endpoint.lenient(Workers.modify(id, { name: "four" })), `PUT /workers/${id} {"name":"four"}`],
  [Workers.remove(id), `DELETE /workers/${id}`],
  [Workers.messages({ validity: "all", page: 2 }), "GET /workers/messages?validity=all&page=2"],
  [
    Workers.sendMessage({ message: "hello", worker_id: id, expiry: 2 }),
    `POST /workers/messages {"message":"hello","worker_id":"${id}","expiry":2}`
  ],
  [Workers.sendMessage({ message: "hello", expiry: 721 }), "nothing"],
  [Workers.removeMessage(id), `DELETE /workers/messages/${id}`],
  [Teams.create({ name: "team one" }), 'POST /teams {"name":"team one"}'],
  [Teams.create({ name: "ab" }), "nothing"],
  [Teams.modify(id, { info: "other" }), `PATCH /teams/${id} {"info":"other"}`],
  [Teams.modify(id, {}), "nothing"],
  [Stats.imageModels(), "GET /stats/img/models"],
  [Stats.imageModels({ model_state: "custom" }), "GET /stats/img/models?model_state=custom"],
  [Documents.terms(), "GET /documents/terms"],
  [Documents.privacy("markdown"), "GET /documents/privacy?format=markdown"],
  [Users.list({ page: 3, sort: "age" }), "GET /users?page=3&sort=age"],
  [Users.list({ page: 0 }), "nothing"],
  [Users.modify(2, { kudos: -5, trusted: false }), 'PUT /users/2 {"kudos":-5,"trusted":false}'],
  [Users.modify(2, { concurrency: 501 }), "nothing"],
  [Users.remove(2), "DELETE /users/2"],
  [Status.setModes({ raid_mode: false }), 'PUT /status/modes {"raid_mode":false}'],
  [Status.setModes({}), "nothing"],
  [
    Status.models({ type: "text", min_count: 1, model_state: "known" }),
    "GET /status/models?type=text&min_count=1&model_state=known"
  ],
  [Filters.list({ filter_type: 10, contains: "a.*" }), "GET /filters?filter_type=10&contains=a.*"],
  [Filters.create({ regex: "a.*", filter_type: 10 }), 'PUT /filters {"regex":"a.*","filter_type":10}'],
  [Filters.create({ regex: "a.*", filter_type: 9 }), "nothing"],
  [Filters.modify("1", { replacement: "" }), 'PATCH /filters/1 {"replacement":""}'],
  [Filters.regex(11), "GET /filters/regex?filter_type=11"],
  [
    Operations.addTimeout({ ipaddr: "203.0.113.0/24", hours: 2 }),
    'POST /operations/ipaddr {"ipaddr":"203.0.113.0/24","hours":2}'
  ],
  [Operations.removeTimeout("203.0.113.7"), 'DELETE /operations/ipaddr {"ipaddr":"203.0.113.7"}'],
  [Operations.timeoutsOf("2001:db8::1"), "GET /operations/ipaddr/2001%3Adb8%3A%3A1"],
  [Operations.blockWorker(id, 30), `PUT /operations/block_worker_ipaddr/${id} {"days":30}`],
  [Operations.blockWorker(id, 31), "nothing"],
  [
    Operations.moderation({ "worker_type[]": ["image", "text"], "suspicion_id[]": [1, 2], online: false }),
    "GET /operations/moderation?worker_type%5B%5D=image&worker_type%5B%5D=text&suspicion_id%5B%5D=1&suspicion_id%5B%5D=2&online=false"
  ],
  [Operations.promptEvents({ before_id: 7, limit: 5 }), "GET /operations/moderation/prompts?limit=5&before_id=7"],
  [Operations.addNote(7, "seen"), 'POST /operations/moderation/prompts/7/notes {"note":"seen"}'],
  [Operations.addNote(7, "a\0b"), "nothing"],
  [Operations.suspicionEvents({ worker_id: id }), `GET /operations/moderation/worker_suspicion_events?worker_id=${id}`]
]

describe("requests", () => {
  it.effect("each call sends its method, path, query and body, or nothing if a value is out of its range", () =>
    Effect.gen(function* () {
      for (const [call, request] of calls) {
        // the order of query parameters is that of the schema
        assert.strictEqual(yield* sentBy(call), request)
      }
    })
  )

  const names = ["w #1", "50% off", "a/b", "ä ö 画", "w+1", "a?b=c", "%2F", "..%2F", "a\\b", " ", "a;b", "http://x/"]

  it.effect("a name reaches the server in one piece", () =>
    Effect.gen(function* () {
      for (const name of names) {
        const path = (yield* sentBy(Workers.getByName(name))).replace("GET /workers/name/", "")
        assert.notInclude(path, "/", name)
        assert.strictEqual(decodeURIComponent(path), name)
      }
      for (const dots of [".", "..", ""]) {
        assert.strictEqual(yield* sentBy(Workers.getByName(dots)), "nothing")
        assert.strictEqual(yield* sentBy(Teams.get(dots)), "nothing")
        assert.strictEqual(yield* sentBy(Status.model(dots)), "nothing")
      }
    })
  )

  it.effect("the name of a model survives two decodings, as the server does them", () =>
    Effect.gen(function* () {
      for (const name of [...names, "koboldcpp/some-model", "AlbedoBase XL (SDXL)"]) {
        const path = (yield* sentBy(Status.model(name), [])).replace("GET /status/models/", "")
        const once = decodeURIComponent(path)
        assert.notInclude(once, "/", "the server splits the path after its first decoding")
        assert.strictEqual(decodeURIComponent(once), name)
      }
      assert.strictEqual(yield* sentBy(Status.model("a/b"), []), "GET /status/models/a%252Fb")
    })
  )
})

describe("public names and secrets", () => {
  const refused = (message: string, rc: string, status = 404) => answering(json(status, { message, rc }))

  it.effect("the name of a worker stays in the server's message, and does not hide its code", () =>
    Effect.gen(function* () {
      const name = "WorkerNotFound"
      const error = yield* Effect.flip(Workers.getByName(name)).pipe(
        Effect.provide(refused(`no worker is called ${name}`, "WorkerNotFound"))
      )
      assert.deepStrictEqual(
        [error._tag, error.rc, error.message],
        ["NotFound", "WorkerNotFound", "no worker is called WorkerNotFound"]
      )
    })
  )

  it.effect("IP addresses, contacts and prompts appear neither in errors nor in logs", () =>
    Effect.gen(function* () {
      const ipaddr = "203.0.113.77"
      const provide = Effect.provide(refused(`${ipaddr} a rude prompt of me@example.invalid`, "BadRequest", 400))
      const asked: ReadonlyArray<Effect.Effect<unknown, HordeError.CallError, Services>> = [
        Operations.timeoutsOf(ipaddr),
        Operations.addTimeout({ ipaddr, hours: 1 }),
        Operations.removeTimeout(ipaddr),
        Operations.promptEvents({ ipaddr })
      ]
      for (const call of asked) assert.notInclude((yield* provide(Effect.flip(call))).message, ipaddr)
      const tested = yield* provide(Effect.flip(Filters.test({ prompt: "a rude prompt" })))
      assert.notInclude(tested.message, "rude")
      const modified = yield* provide(Effect.flip(Users.modify(2, { contact: "me@example.invalid" })))
      assert.notInclude(modified.message, "me@example.invalid")
      const logged = [
        EndpointMetadata.logSafe(Operations.TimeoutsOf, { params: { ipaddr } }),
        EndpointMetadata.logSafe(Operations.PromptEvents, { query: { ipaddr, proxied_account: ipaddr } }),
        EndpointMetadata.logSafeModel(Operations.IPTimeout, { ipaddr, seconds: 1 })
      ]
      assert.notInclude(JSON.stringify(logged), ipaddr)
    })
  )

  it.effect("logged details of a worker contain no address and no contact, and a passkey is masked in print", () =>
    Effect.gen(function* () {
      const body = { id, name: "w1", ipaddr: "203.0.113.77", contact: "aaaa@example.invalid" }
      const worker = yield* Workers.get(id).pipe(Effect.provide(answering(json(200, body))))
      assert.strictEqual(worker.ipaddr, "203.0.113.77")
      const safe = JSON.stringify(EndpointMetadata.logSafeModel(Workers.WorkerDetails, worker))
      assert.include(safe, "w1")
      assert.notMatch(safe, /203|aaaa/)
      const passkey = json(200, { proxy_passkey: "bbbbbbbbbbbbbbbb" })
      const changed = yield* Users.modify(2, { generate_proxy_passkey: true }).pipe(Effect.provide(answering(passkey)))
      assert.isDefined(changed.proxy_passkey)
      assert.notInclude(JSON.stringify(changed), "bbbb")
    })
  )
})

describe("lists", () => {
  it.effect("an unreadable item of a list is dropped, and the others stay", () =>
    Effect.gen(function* () {
      const workers = [{ id, name: "w1", threads: "2", online: null }, null, "w", { name: "no id" }]
      const reply = yield* Workers.list().pipe(Effect.provide(answering(json(200, workers))))
      assert.deepStrictEqual<unknown>(reply, [{ id, name: "w1", threads: 2 }])
    })
  )

  it.effect("a reply that is no list is UnexpectedResponse", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Workers.list()).pipe(Effect.provide(answering(json(200, { id }))))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    })
  )
})

const modules = { Documents, Filters, Kudos, Operations, Stats, Status, Teams, Users, Workers }

const models = Object.entries(modules).flatMap(([module, members]) =>
  Object.entries(members).flatMap(([name, value]) =>
    Schema.isSchema(value) ? [[`${module}.${name}`, value as Schema.Schema.AnyNoContext] as const] : []
  )
)

describe("models", () => {
  it("there are models", () => {
    assert.isAtLeast(models.length, 20)
  })

  for (const [name, schema] of models) {
    const decode = Schema.decodeUnknownSync(schema)

    it(`${name} decodes null as absent in all optional fields`, () => {
      const encoded = Schema.encodedSchema(schema).ast
      if (!AST.isTypeLiteral(encoded)) throw new Error("the model is no object")
      const nulls = encoded.propertySignatures.filter(({ isOptional }) => isOptional).map((field) => [field.name, null])
      const required = { id: "a", regex: "a", name: "a", suspicion: "0", message: "a", ipaddr: "a", username: "a#1" }
      const wire = { ...required, kudos: 1, transferred: 1, awarded: 1, ...Object.fromEntries(nulls) }
      const value = decode(name === "Users.UserDetails" ? { ...wire, id: 1 } : wire)
      for (const member of Object.values(value)) assert.isNotNull(member)
    })
  }
})
