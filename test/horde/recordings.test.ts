/**
 * Every recorded reply of the real server to an endpoint of the SDK is decoded: to a value, or to the error of its
 * status and code.
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Alchemy from "effect-horde/Alchemy"
import * as Collections from "effect-horde/Collections"
import * as Documents from "effect-horde/Documents"
import * as Filters from "effect-horde/Filters"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as Kudos from "effect-horde/Kudos"
import * as Operations from "effect-horde/Operations"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Stats from "effect-horde/Stats"
import * as Status from "effect-horde/Status"
import * as Styles from "effect-horde/Styles"
import * as Teams from "effect-horde/Teams"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import * as Worker from "effect-horde/Worker"
import * as Workers from "effect-horde/Workers"
import { type Answer, endpoints, json, server } from "../support/scripted.js"
import { rawSubmit, runToEnd } from "../support/virtualTime.js"
import type { EndpointsOf } from "../types/endpointsOf.js"

interface Row {
  readonly file: string
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string | null>>
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly text?: string
  }
}

const folder = new URL("../recordings/", import.meta.url)

const rows: ReadonlyArray<Row> = readdirSync(folder)
  .filter((file) => file.endsWith(".jsonl"))
  .flatMap((file) =>
    readFileSync(new URL(file, folder), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ file, ...JSON.parse(line) }))
  )
  .filter((row) => row.response !== undefined)

type Services =
  | EndpointsOf<typeof Documents>
  | EndpointsOf<typeof Filters>
  | EndpointsOf<typeof ImageGeneration>
  | EndpointsOf<typeof Kudos>
  | EndpointsOf<typeof Operations>
  | EndpointsOf<typeof SharedKeys>
  | EndpointsOf<typeof Stats>
  | EndpointsOf<typeof Status>
  | EndpointsOf<typeof Teams>
  | EndpointsOf<typeof TextGeneration>
  | EndpointsOf<typeof Users>
  | EndpointsOf<typeof Workers>
  | EndpointsOf<typeof Alchemy>
  | EndpointsOf<typeof Collections>
  | EndpointsOf<typeof Styles>
  | EndpointsOf<typeof Worker>

type Asked = Effect.Effect<object, unknown, Services>

const input = { prompt: "a quiet bay" }
const key = SharedKeys.sharedKeyId
const idOf = (id: string) => Job.GenerationRequestId.make(id)
const job = (id: string) => ({ params: { id: idOf(id) } })

const worker = { name: "w1", models: ["stable_diffusion"] }
const style = { name: "ink drawing", prompt: "{p}###{np}", models: ["stable_diffusion"] }
const example = { url: "https://example.invalid/a.webp", primary: false }
const ratings = { ratings: [{ id: "00000000-0000-4000-8000-000000000000", rating: 5 }] }
const name = decodeURIComponent
const result = { id: Job.GenerationId.make("a job"), generation: "R2", seed: 1 }

/** The endpoint of a recorded request; other requests (wrong methods, other resources) have none. */
type Route = readonly [
  method: string,
  path: RegExp,
  name: string,
  ask: (id: string, query: Readonly<Record<string, string>>, part: string) => Asked
]

const others: ReadonlyArray<Route> = [
  ["GET", /^\/workers$/, "Workers.List", (_, query) => Workers.list(query)],
  ["GET", /^\/workers\/name\/(.+)$/, "Workers.GetByName", (name) => Workers.getByName(name)],
  ["GET", /^\/workers\/messages$/, "Workers.Messages", () => Workers.messages()],
  ["POST", /^\/workers\/messages$/, "Workers.SendMessage", () => Workers.sendMessage({ message: "one", expiry: 2 })],
  ["GET", /^\/workers\/messages\/(.+)$/, "Workers.Message", (id) => Workers.message(id)],
  ["DELETE", /^\/workers\/messages\/(.+)$/, "Workers.DeleteMessage", (id) => Workers.removeMessage(id)],
  ["GET", /^\/workers\/(.+)$/, "Workers.Get", (id) => Workers.get(id)],
  ["PUT", /^\/workers\/(.+)$/, "Workers.Modify", (id) => Workers.modify(id, { maintenance: true })],
  ["DELETE", /^\/workers\/(.+)$/, "Workers.Delete", (id) => Workers.remove(id)],
  ["GET", /^\/teams$/, "Teams.List", () => Teams.list],
  ["POST", /^\/teams$/, "Teams.Create", () => Teams.create({ name: "team one" })],
  ["GET", /^\/teams\/(.+)$/, "Teams.Get", (id) => Teams.get(id)],
  ["PATCH", /^\/teams\/(.+)$/, "Teams.Modify", (id) => Teams.modify(id, { info: "other info" })],
  ["DELETE", /^\/teams\/(.+)$/, "Teams.Delete", (id) => Teams.remove(id)],
  ["GET", /^\/users$/, "Users.List", (_, query) => Users.list(query)],
  ["PUT", /^\/users\/(\d+)$/, "Users.Modify", (id) => Users.modify(Number(id), { trusted: true })],
  ["DELETE", /^\/users\/(\d+)$/, "Users.Delete", (id) => Users.remove(Number(id))],
  ["POST", /^\/kudos\/transfer$/, "Kudos.Transfer", () => Kudos.transfer({ username: "owner#1", amount: 5 })],
  ["POST", /^\/kudos\/award$/, "Kudos.Award", () => Kudos.award({ username: "plain#2", amount: 10 })],
  ["PUT", /^\/status\/modes$/, "Status.SetModes", () => Status.setModes({ invite_only_mode: false })],
  ["GET", /^\/status\/models$/, "Status.Models", (_, query) => Status.models(query)],
  ["GET", /^\/status\/models\/(.+)$/, "Status.Model", (name) => Status.model(name)],
  ["GET", /^\/status\/performance$/, "Status.Performance", () => Status.performance],
  ["GET", /^\/status\/news$/, "Status.News", () => Status.news],
  ["GET", /^\/stats\/img\/totals$/, "Stats.ImageTotals", () => Stats.imageTotals],
  ["GET", /^\/stats\/img\/models$/, "Stats.ImageModels", (_, query) => Stats.imageModels(query)],
  ["GET", /^\/stats\/text\/totals$/, "Stats.TextTotals", () => Stats.textTotals],
  ["GET", /^\/stats\/text\/models$/, "Stats.TextModels", () => Stats.textModels],
  ["GET", /^\/documents\/terms$/, "Documents.Terms", (_, { format }) => Documents.terms(format)],
  ["GET", /^\/documents\/privacy$/, "Documents.Privacy", (_, { format }) => Documents.privacy(format)],
  ["GET", /^\/documents\/sponsors$/, "Documents.Sponsors", (_, { format }) => Documents.sponsors(format)],
  ["GET", /^\/filters$/, "Filters.List", (_, query) => Filters.list(query)],
  ["PUT", /^\/filters$/, "Filters.Create", () => Filters.create({ regex: "badword", filter_type: 10 })],
  ["POST", /^\/filters$/, "Filters.Test", () => Filters.test({ prompt: "a badword here" })],
  ["GET", /^\/filters\/regex$/, "Filters.Regex", () => Filters.regex()],
  ["GET", /^\/filters\/(.+)$/, "Filters.Get", (id) => Filters.get(id)],
  ["PATCH", /^\/filters\/(.+)$/, "Filters.Modify", (id) => Filters.modify(id, { description: "changed" })],
  ["DELETE", /^\/filters\/(.+)$/, "Filters.Delete", (id) => Filters.remove(id)],
  ["GET", /^\/operations\/ipaddr$/, "Operations.Timeouts", () => Operations.timeouts],
  [
    "POST",
    /^\/operations\/ipaddr$/,
    "Operations.AddTimeout",
    () => Operations.addTimeout({ ipaddr: "203.0.113.7", hours: 2 })
  ],
  ["DELETE", /^\/operations\/ipaddr$/, "Operations.RemoveTimeout", () => Operations.removeTimeout("203.0.113.7")],
  ["GET", /^\/operations\/ipaddr\/(.+)$/, "Operations.TimeoutsOf", (ipaddr) => Operations.timeoutsOf(ipaddr)],
  ["PUT", /^\/operations\/block_worker_ipaddr\/(.+)$/, "Operations.BlockWorker", (id) => Operations.blockWorker(id, 1)],
  [
    "DELETE",
    /^\/operations\/block_worker_ipaddr\/(.+)$/,
    "Operations.UnblockWorker",
    (id) => Operations.unblockWorker(id)
  ]
]

const endpointsByRoute: ReadonlyArray<Route> = [
  ["PUT", /^\/api\/v2\/sharedkeys$/, "SharedKeys.Create", () => SharedKeys.create({ kudos: 1 })],
  ["GET", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Get", (id) => SharedKeys.get(key(id))],
  ["PATCH", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Modify", (id) => SharedKeys.modify(key(id), { kudos: 1 })],
  ["DELETE", /^\/api\/v2\/sharedkeys\/([^/?]+)$/, "SharedKeys.Delete", (id) => SharedKeys.remove(key(id))],
  ["POST", /^\/api\/v2\/generate\/async$/, "ImageGeneration.Submit", () => Effect.scoped(rawSubmit(input))],
  [
    "GET",
    /^\/api\/v2\/generate\/check\/([^/?]+)$/,
    "ImageGeneration.Check",
    (id) => Effect.flatMap(ImageGeneration.Check, (call) => call(job(id)))
  ],
  [
    "GET",
    /^\/api\/v2\/generate\/status\/([^/?]+)$/,
    "ImageGeneration.Status",
    (id) => Effect.flatMap(ImageGeneration.Status, (call) => call(job(id)))
  ],
  [
    "DELETE",
    /^\/api\/v2\/generate\/status\/([^/?]+)$/,
    "ImageGeneration.Cancel",
    (id) => Effect.flatMap(ImageGeneration.Cancel, (call) => call(job(id)))
  ],
  [
    "POST",
    /^\/api\/v2\/generate\/text\/async$/,
    "TextGeneration.Submit",
    () => Effect.scoped(Effect.flatMap(TextGeneration.Submit, (call) => call({ payload: input })))
  ],
  [
    "GET",
    /^\/api\/v2\/generate\/text\/status\/([^/?]+)$/,
    "TextGeneration.Status",
    (id) => TextGeneration.status(idOf(id))
  ],
  [
    "DELETE",
    /^\/api\/v2\/generate\/text\/status\/([^/?]+)$/,
    "TextGeneration.Cancel",
    (id) => TextGeneration.cancel(idOf(id))
  ],
  ["GET", /^\/api\/v2\/status\/heartbeat$/, "Status.Heartbeat", () => Status.heartbeat],
  ["GET", /^\/api\/v2\/status\/modes$/, "Status.Modes", () => Status.modes],
  ["GET", /^\/api\/v2\/find_user$/, "Users.Find", () => Users.me],
  ["GET", /^\/api\/v2\/users\/(\d+)$/, "Users.Get", (id) => Users.get(Number(id))],
  ["POST", /^\/api\/v2\/generate\/pop$/, "Worker.PopImage", () => Worker.popImage(worker)],
  ["POST", /^\/api\/v2\/generate\/submit$/, "Worker.SubmitImage", () => Worker.submitImage(result)],
  ["POST", /^\/api\/v2\/generate\/text\/pop$/, "Worker.PopText", () => Worker.popText(worker)],
  ["POST", /^\/api\/v2\/generate\/text\/submit$/, "Worker.SubmitText", () => Worker.submitText(result)],
  [
    "POST",
    /^\/api\/v2\/interrogate\/pop$/,
    "Worker.PopAlchemy",
    () => Worker.popAlchemy({ name: "a1", forms: ["caption"] })
  ],
  [
    "POST",
    /^\/api\/v2\/interrogate\/submit$/,
    "Worker.SubmitAlchemy",
    () => Worker.submitAlchemy({ id: result.id, result: { caption: "a bay" } })
  ],
  [
    "POST",
    /^\/api\/v2\/interrogate\/async$/,
    "Alchemy.Submit",
    () =>
      Effect.scoped(
        Effect.flatMap(Alchemy.Submit, (call) =>
          call({ payload: { source_image: "a bay", forms: [{ name: "caption" }] } })
        )
      )
  ],
  ["GET", /^\/api\/v2\/interrogate\/status\/([^/?]+)$/, "Alchemy.Status", (id) => Alchemy.status(idOf(id))],
  ["DELETE", /^\/api\/v2\/interrogate\/status\/([^/?]+)$/, "Alchemy.Cancel", (id) => Alchemy.cancel(idOf(id))],
  ["GET", /^\/api\/v2\/styles\/image$/, "Styles.ListImage", () => Styles.listImage()],
  ["POST", /^\/api\/v2\/styles\/image$/, "Styles.CreateImage", () => Styles.createImage(style)],
  ["GET", /^\/api\/v2\/styles\/image\/([^/?]+)$/, "Styles.GetImage", (id) => Styles.getImage(id)],
  [
    "GET",
    /^\/api\/v2\/styles\/image_by_name\/([^/?]+)$/,
    "Styles.GetImageByName",
    (id) => Styles.getImageByName(name(id))
  ],
  ["PATCH", /^\/api\/v2\/styles\/image\/([^/?]+)$/, "Styles.ModifyImage", (id) => Styles.modifyImage(id, style)],
  ["DELETE", /^\/api\/v2\/styles\/image\/([^/?]+)$/, "Styles.DeleteImage", (id) => Styles.removeImage(id)],
  ["GET", /^\/api\/v2\/styles\/text$/, "Styles.ListText", () => Styles.listText()],
  ["POST", /^\/api\/v2\/styles\/text$/, "Styles.CreateText", () => Styles.createText(style)],
  ["GET", /^\/api\/v2\/styles\/text\/([^/?]+)$/, "Styles.GetText", (id) => Styles.getText(id)],
  [
    "GET",
    /^\/api\/v2\/styles\/text_by_name\/([^/?]+)$/,
    "Styles.GetTextByName",
    (id) => Styles.getTextByName(name(id))
  ],
  ["PATCH", /^\/api\/v2\/styles\/text\/([^/?]+)$/, "Styles.ModifyText", (id) => Styles.modifyText(id, style)],
  ["DELETE", /^\/api\/v2\/styles\/text\/([^/?]+)$/, "Styles.DeleteText", (id) => Styles.removeText(id)],
  [
    "POST",
    /^\/api\/v2\/styles\/image\/([^/?]+)\/example$/,
    "Styles.AddExample",
    (id) => Styles.addExample(id, example)
  ],
  [
    "PATCH",
    /^\/api\/v2\/styles\/image\/([^/?]+)\/example\/([^/?]+)$/,
    "Styles.ModifyExample",
    (id, _, part) => Styles.modifyExample(id, part, example)
  ],
  [
    "DELETE",
    /^\/api\/v2\/styles\/image\/([^/?]+)\/example\/([^/?]+)$/,
    "Styles.DeleteExample",
    (id, _, part) => Styles.removeExample(id, part)
  ],
  ["GET", /^\/api\/v2\/collections$/, "Collections.List", () => Collections.list()],
  [
    "POST",
    /^\/api\/v2\/collections$/,
    "Collections.Create",
    () => Collections.create({ name: "inks", styles: ["ink"] })
  ],
  ["GET", /^\/api\/v2\/collections\/([^/?]+)$/, "Collections.Get", (id) => Collections.get(id)],
  [
    "GET",
    /^\/api\/v2\/collection_by_name\/([^/?]+)$/,
    "Collections.GetByName",
    (id) => Collections.getByName(name(id))
  ],
  [
    "PATCH",
    /^\/api\/v2\/collections\/([^/?]+)$/,
    "Collections.Modify",
    (id) => Collections.modify(id, { styles: ["ink"] })
  ],
  ["DELETE", /^\/api\/v2\/collections\/([^/?]+)$/, "Collections.Delete", (id) => Collections.remove(id)],
  [
    "POST",
    /^\/api\/v2\/generate\/rate\/([^/?]+)$/,
    "ImageGeneration.Rate",
    (id) => ImageGeneration.rate(idOf(id), ratings)
  ]
]

const endpointOf = ({ request, response }: Row): readonly [string, Asked] | undefined => {
  const [path = "", search] = request.path.replace("/api/v2", "").split("?")
  const query = Object.fromEntries(new URLSearchParams(search))
  for (const [method, route, name, ask] of others) {
    const found = request.method === method ? route.exec(path) : null
    if (found !== null) return [name, ask(found[1] ?? "", query, "")]
  }
  for (const [method, path, name, ask] of endpointsByRoute) {
    const found = request.method === method ? path.exec(request.path) : null
    if (found === null) continue
    // only a dry run returns 200
    if (name === "ImageGeneration.Submit" && response.status === 200) {
      return ["ImageGeneration.Price", ImageGeneration.price(input)]
    }
    if (name === "TextGeneration.Submit" && response.status === 200) {
      return ["TextGeneration.Price", TextGeneration.price(input)]
    }
    return [name, ask(found[1] ?? "", query, found[2] ?? "")]
  }
  return undefined
}

/** Status and code, and the error that they become. */
const meanings: Readonly<Record<string, string>> = {
  "400 -": "BadRequest",
  "400 BadCFGDecimals": "BadRequest",
  "400 BadRequest": "BadRequest",
  "400 DuplicateGen": "BadRequest",
  "400 ImageValidationFailed": "BadRequest",
  "400 InvalidTargetUsername": "BadRequest",
  "400 KudosTransferNotEnough": "BadRequest",
  "400 KudosTransferToSelf": "BadRequest",
  "400 MissingPrompt": "BadRequest",
  "400 NoHordeModSelected": "BadRequest",
  "400 NoSharedKeyModSelected": "BadRequest",
  "400 NoUserModSelected": "BadRequest",
  "400 NoWorkerModSelected": "BadRequest",
  "400 NulByteInPayload": "BadRequest",
  "400 SourceImageUrlInvalid": "BadRequest",
  "400 TokenOverflow": "BadRequest",
  "401 InvalidAPIKey": "Unauthorized",
  "403 DeletedUser": "Forbidden",
  "403 Forbidden": "Forbidden",
  "403 NotAdmin": "Forbidden",
  "403 NotAllowedAwards": "Forbidden",
  "403 NotModerator": "Forbidden",
  "403 NotOwner": "Forbidden",
  "403 StylesRequiresCustomizer": "Forbidden",
  "403 TimeoutIP": "Forbidden",
  "403 UntrustedTeamCreation": "Forbidden",
  "403 WorkerMaintenance": "Forbidden",
  "403 WrongCredentials": "Forbidden",
  "403 KudosUpfront": "KudosRefused",
  "403 SharedKeyEmpty": "KudosRefused",
  "403 SharedKeyExpired": "KudosRefused",
  "403 SharedKeyInsufficientKudos": "KudosRefused",
  "404 CollectionNotFound": "NotFound",
  "404 FilterNotFound": "NotFound",
  "404 Image styleNotFound": "NotFound",
  "404 InvalidJobID": "NotFound",
  "404 RequestNotFound": "NotFound",
  "404 Style exampleNotFound": "NotFound",
  "404 StyleNotFound": "NotFound",
  "404 TeamNotFound": "NotFound",
  "404 UserNotFound": "NotFound",
  "404 WorkerNotFound": "NotFound",
  "404 WorkermessageNotFound": "NotFound",
  "423 Locked": "Locked",
  "429 -": "RateLimited",
  "429 TooManyPrompts": "TooManyJobs",
  "500 -": "ServerError"
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A reply that a client had cut with `X-Fields`, and that the server then returns to others from its cache. */
const isCut = ({ name, response: { body } }: Row): boolean =>
  /X-Fields|right after/.test(name) && isRecord(body) && Object.keys(body).length < 3 && body["message"] === undefined

const expected = (row: Row): string => {
  const { body, status } = row.response
  if (status < 400) return isCut(row) ? "UnexpectedResponse" : "a value"
  const rc = isRecord(body) && typeof body["rc"] === "string" ? body["rc"] : "-"
  return meanings[`${status} ${rc}`] ?? `nothing that the table knows: ${status} ${rc}`
}

const answerOf = ({ response: { body, headers, status, text } }: Row): Answer => ({
  status,
  headers,
  body: body === undefined ? (text ?? "") : JSON.stringify(body)
})

const dates = new Set(["created", "expiry"])

/** Plain values arrive as they were sent; ids and dates have their own types here. */
const assertSame = (wire: unknown, value: unknown, where: string): void => {
  if (Array.isArray(wire) && Array.isArray(value)) {
    assert.lengthOf(value, wire.length, where)
    for (const [index, item] of wire.entries()) assertSame(item, value[index], where)
  }
  if (!isRecord(wire) || !isRecord(value)) return
  for (const [name, sent] of Object.entries(wire)) {
    const got = value[name]
    if (sent === null) assert.notStrictEqual(got, null, `${where}.${name}`)
    else if (name === "id") assert.strictEqual(Redacted.isRedacted(got) ? Redacted.value(got) : got, sent)
    else if (Array.isArray(sent)) assertSame(sent, got, `${where}.${name}`)
    else if (typeof sent !== "object" && !dates.has(name)) assert.strictEqual(got, sent, `${where}.${name}`)
  }
}

const read = (row: Row, asked: Asked) => {
  const script = server((_, index) => (index === 0 ? answerOf(row) : json(404, { message: "", rc: "RequestNotFound" })))
  // a cancel of a new job that the server does not know is repeated for some seconds
  return runToEnd(Effect.provide(Effect.exit(asked), endpoints().pipe(Layer.provide(script.layer)))).pipe(
    Effect.orDie,
    Effect.map((exit) => ({ exit, sent: script.sent }))
  )
}

const ours = rows.flatMap((row) => {
  const found = endpointOf(row)
  return found === undefined ? [] : [{ row, name: found[0], asked: found[1] }]
})

describe("recorded replies", () => {
  it.effect("each recorded reply becomes a value, or the error of its status and code", () =>
    Effect.gen(function* () {
      const seen: Record<string, number> = {}
      for (const { asked, name, row } of ours) {
        const where = `${row.file} "${row.name}"`
        const { exit, sent } = yield* read(row, asked)
        const [first] = sent
        assert.strictEqual(first?.method, row.request.method, where)
        assert.strictEqual(
          `${first?.url.pathname}${first?.url.search}`.replaceAll(/%3C|%3E/g, ""),
          row.request.path.replaceAll(/[<>]/g, ""),
          where
        )
        if (Exit.isSuccess(exit)) {
          assert.strictEqual("a value", expected(row), where)
          assertSame(row.response.body, exit.value, where)
        } else {
          assert.isEmpty([...Cause.defects(exit.cause)], where)
          const error = Cause.squash(exit.cause)
          if (!HordeError.isHordeError(error)) throw new Error(`${where}: not an error of the library`)
          assert.strictEqual(error._tag, expected(row), where)
          assert.strictEqual(error.status, row.response.status, where)
          const rc = isRecord(row.response.body) ? row.response.body["rc"] : undefined
          assert.strictEqual(error.rc, rc, where)
        }
        const result = `${name}: ${expected(row)}`
        seen[result] = (seen[result] ?? 0) + 1
      }
      // the least that must be found, so that a test without any recordings fails
      assert.isAtLeast(ours.length, 280)
      const least: Readonly<Record<string, number>> = {
        "SharedKeys.Create: a value": 14,
        "SharedKeys.Create: BadRequest": 1,
        "SharedKeys.Create: ServerError": 3,
        "SharedKeys.Create: Forbidden": 1,
        "SharedKeys.Get: a value": 4,
        "SharedKeys.Get: Unauthorized": 5,
        "SharedKeys.Get: RateLimited": 3,
        "SharedKeys.Get: UnexpectedResponse": 2,
        "SharedKeys.Modify: a value": 3,
        "SharedKeys.Modify: Forbidden": 1,
        "SharedKeys.Delete: a value": 2,
        "SharedKeys.Delete: Forbidden": 2,
        "ImageGeneration.Submit: a value": 20,
        "ImageGeneration.Submit: BadRequest": 15,
        "ImageGeneration.Submit: KudosRefused": 4,
        "ImageGeneration.Submit: NotFound": 2,
        "ImageGeneration.Submit: TooManyJobs": 1,
        "ImageGeneration.Submit: ServerError": 3,
        "ImageGeneration.Price: a value": 3,
        "ImageGeneration.Check: a value": 20,
        "ImageGeneration.Check: UnexpectedResponse": 2,
        "ImageGeneration.Check: RateLimited": 3,
        "ImageGeneration.Status: a value": 7,
        "ImageGeneration.Status: RateLimited": 2,
        "ImageGeneration.Cancel: a value": 6,
        "ImageGeneration.Cancel: NotFound": 4,
        "TextGeneration.Submit: a value": 4,
        "TextGeneration.Submit: BadRequest": 3,
        "TextGeneration.Submit: ServerError": 1,
        "TextGeneration.Price: a value": 1,
        "TextGeneration.Status: a value": 9,
        "TextGeneration.Status: NotFound": 1,
        "TextGeneration.Cancel: a value": 2,
        "Status.Heartbeat: a value": 1,
        "Status.Modes: a value": 3,
        "Users.Find: a value": 6,
        "Users.Find: Unauthorized": 1,
        "Users.Find: NotFound": 1,
        "Kudos.Transfer: a value": 2,
        "Kudos.Transfer: BadRequest": 3,
        "Kudos.Transfer: RateLimited": 2,
        "Kudos.Award: Forbidden": 1,
        "Workers.Modify: Forbidden": 2,
        "Workers.Delete: Locked": 2,
        "Workers.Delete: ServerError": 1,
        "Workers.SendMessage: a value": 4,
        "Users.Modify: BadRequest": 2,
        "Users.Get: a value": 7,
        "Users.Get: NotFound": 1,
        "Worker.PopImage: a value": 20,
        "Worker.PopImage: Forbidden": 2,
        "Worker.SubmitImage: a value": 15,
        "Worker.SubmitImage: BadRequest": 2,
        "Worker.SubmitImage: Forbidden": 1,
        "Worker.SubmitImage: NotFound": 2,
        "Worker.SubmitImage: ServerError": 1,
        "Worker.PopText: a value": 8,
        "Worker.SubmitText: a value": 7,
        "Worker.PopAlchemy: a value": 5,
        "Worker.SubmitAlchemy: a value": 5,
        "Worker.SubmitAlchemy: NotFound": 1,
        "Worker.SubmitAlchemy: ServerError": 1,
        "Alchemy.Submit: a value": 3,
        "Alchemy.Submit: BadRequest": 3,
        "Alchemy.Status: a value": 8,
        "Alchemy.Status: NotFound": 1,
        "Alchemy.Cancel: a value": 2,
        "Styles.ListImage: a value": 1,
        "Styles.CreateImage: a value": 2,
        "Styles.CreateImage: BadRequest": 1,
        "Styles.CreateImage: Forbidden": 1,
        "Styles.GetImage: a value": 1,
        "Styles.GetImage: NotFound": 1,
        "Styles.GetImageByName: a value": 1,
        "Styles.GetImageByName: NotFound": 1,
        "Styles.ModifyImage: a value": 1,
        "Styles.DeleteImage: a value": 1,
        "Styles.DeleteImage: Forbidden": 1,
        "Styles.AddExample: a value": 1,
        "Styles.AddExample: ServerError": 1,
        "Styles.ModifyExample: a value": 1,
        "Styles.DeleteExample: a value": 1,
        "Styles.DeleteExample: NotFound": 1,
        "Styles.ListText: a value": 1,
        "Styles.CreateText: a value": 1,
        "Styles.GetText: a value": 1,
        "Styles.GetTextByName: a value": 1,
        "Styles.ModifyText: ServerError": 1,
        "Styles.DeleteText: a value": 1,
        "Collections.List: a value": 1,
        "Collections.Create: a value": 2,
        "Collections.Create: ServerError": 1,
        "Collections.Get: a value": 1,
        "Collections.Get: NotFound": 1,
        "Collections.GetByName: a value": 1,
        "Collections.Modify: a value": 1,
        "Collections.Delete: a value": 1,
        "ImageGeneration.Rate: NotFound": 1
      }
      for (const [result, count] of Object.entries(least)) assert.isAtLeast(seen[result] ?? 0, count, result)
      for (const [, , name] of others) assert.isAtLeast(seen[`${name}: a value`] ?? 0, 1, name)
    })
  )

  it("each code in the table of errors was recorded", () => {
    const recorded = new Set(ours.map(({ row }) => expected(row)))
    for (const tag of Object.values(meanings)) assert.include([...recorded], tag)
  })

  it.effect("the fields that the server names are in the error", () =>
    Effect.gen(function* () {
      const found = ours.filter(({ row }) => isRecord(row.response.body) && "errors" in row.response.body)
      assert.isAtLeast(found.length, 12)
      for (const { asked, row } of found) {
        const { exit } = yield* read(row, asked)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (!(error instanceof HordeError.BadRequest)) throw new Error(`${row.name}: ${String(error)}`)
        assert.deepStrictEqual(error.errors, (row.response.body as any).errors, row.name)
        assert.isUndefined(error.rc)
      }
    })
  )

  it.effect("the end of a limiter's window is that of the header alone", () =>
    Effect.gen(function* () {
      const found = ours.filter(({ row }) => expected(row) === "RateLimited")
      for (const { asked, row } of found) {
        const { exit } = yield* read(row, asked)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (!(error instanceof HordeError.RateLimited)) throw new Error(`${row.name}: ${String(error)}`)
        const seconds = Number(row.response.headers["retry-after"])
        assert.deepStrictEqual(error.retryAfter, Duration.seconds(seconds), row.name)
        assert.isTrue(error.isRetryable)
      }
    })
  )
})
