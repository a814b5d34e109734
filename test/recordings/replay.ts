/** Sends a recorded conversation to the embedded horde, row by row, and returns the differences in kind. */

import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as TestClock from "effect/TestClock"

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"

interface Sent {
  readonly method: Method
  readonly path: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: unknown
  readonly raw?: string
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly text?: string
}

export interface Row {
  readonly name: string
  readonly request: Sent
  readonly response: Received
}

/** The rows of one conversation, in order. */
export const rows = (conversation: string): ReadonlyArray<Row> =>
  readFileSync(fileURLToPath(new URL(`./${conversation}.jsonl`, import.meta.url)), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row)

const roles: Readonly<Record<string, string>> = {
  "<owner>": Accounts.ownerKey,
  "<plain>": Accounts.plainKey,
  "<worker>": Accounts.workerKey,
  "<worker2>": Accounts.worker2Key,
  "<anon>": Accounts.anonymousKey,
  "<bad>": "nobodys_key_aaaaaaaaaa",
  "<goner>": "goner_eeeeeeeeeeeee_05"
}

/** The accounts of the recorded server, with the one to be deleted. */
export const accounts: ReadonlyArray<Accounts.Account> = [
  ...Accounts.defaults,
  { role: "goner", apiKey: "goner_eeeeeeeeeeeee_05", id: 5, alias: "goner", kudos: 0 }
]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The kind of a value: its JSON type, for objects with the kinds of all fields, for lists with the first item's. */
const kind = (value: unknown): unknown => {
  if (value === null) return "null"
  if (Array.isArray(value)) return value.length === 0 ? [] : [kind(value[0])]
  if (!isRecord(value)) return typeof value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, kind(value[name])])
  )
}

/** The state of a job; of all values in a reply these must be equal. */
const standing = (body: unknown): unknown => {
  if (!isRecord(body) || body["finished"] === undefined) return undefined
  const { done, faulted, finished, processing, restarted, waiting } = body
  return { done, faulted, finished, processing, restarted, waiting }
}

const rcOf = (body: unknown): unknown => (isRecord(body) ? body["rc"] : undefined)

const isDownload = (name: string): boolean => name === "download"

/** The part that must be equal in a recorded reply and in ours. */
export const essence = (name: string, answer: Received) => ({
  status: answer.status,
  contentType: answer.headers["content-type"],
  // A download came from a stand-in for the store, whose headers prove nothing.
  cors: isDownload(name) ? undefined : answer.headers["access-control-allow-origin"],
  corsMethods: answer.headers["access-control-allow-methods"],
  corsHeaders: answer.headers["access-control-allow-headers"],
  allow: answer.headers["allow"]?.split(", ").sort(),
  limit: answer.headers["x-ratelimit-limit"],
  // Elsewhere the recorder emptied the limiter between some rows and not between others.
  remaining: name.startsWith("limit ") ? answer.headers["x-ratelimit-remaining"] : undefined,
  retryAfter: answer.headers["retry-after"] === undefined ? undefined : "some",
  rc: rcOf(answer.body),
  // Limiter messages are compared; all other sentences are the recorder's placeholders.
  message: answer.status === 429 && rcOf(answer.body) === undefined ? answer.body : undefined,
  standing: standing(answer.body),
  kind: kind(answer.body)
})

interface Conversation {
  /** Seconds that pass before a row, unless it is the usual 1.2. */
  readonly pauses?: Readonly<Record<string, number>>
  /** Rows that follow the previous one at once, without emptying the limiter. */
  readonly atOnce?: ReadonlyArray<string>
  /** A row of any conversation to send first, not compared: its worker is known and online from then on. */
  readonly first?: Row
  /** Rows to send before a row, not compared; what they returned under an id stands for it, as in a recorded row. */
  readonly before?: Readonly<Record<string, ReadonlyArray<Row>>>
  /** The names of workers whose recorded ids no earlier reply has. */
  readonly workers?: Readonly<Record<string, string>>
}

/** A picture of one pixel, such as a worker uploads. */
export const picture = new Uint8Array(Buffer.from("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==", "base64"))

const pad = (row: Row, before: Row | undefined): ReadonlyArray<Row> => {
  const numbered = /^(limit .*) (\d+)$/
  const [, run, number] = numbered.exec(row.name) ?? []
  const [, earlierRun, earlier] = numbered.exec(before?.name ?? "") ?? []
  if (run === undefined || run !== earlierRun) return []
  return Array.from({ length: Number(number) - Number(earlier) - 1 }, () => ({
    ...row,
    name: `${row.name} (left out)`
  }))
}

interface Compared {
  readonly name: string
  readonly expected: unknown
  readonly actual: unknown
  readonly received: Received
}

/** Plays a conversation. Returns each recorded row with the essence of the two replies. */
export const replay = (conversation: string, options: Conversation = {}) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    const client = yield* HttpClient.HttpClient
    const known = new Map<string, string>()
    /** Upload and download links, by our ids. */
    const uploads = new Map<string, string>()
    const downloads = new Map<string, string>()
    const translate = (text: string): string =>
      [...known].reduce((result, [theirs, ours]) => result.replaceAll(theirs, ours), text)

    /** A value that a reply returns under an id stands for the recorded id from here on. */
    const learn = (theirs: unknown, ours: unknown): void => {
      if (!isRecord(theirs) || !isRecord(ours)) return
      const { id, img, r2_upload } = ours
      if (typeof id === "string" && typeof r2_upload === "string") uploads.set(id, r2_upload)
      if (typeof id === "string" && typeof img === "string") downloads.set(id, img)
      for (const [name, value] of Object.entries(theirs)) {
        const mine = ours[name]
        if (name === "id" && typeof value === "string" && typeof mine === "string") known.set(value, mine)
        else if (Array.isArray(value) && Array.isArray(mine))
          for (const [index, item] of value.entries()) learn(item, mine[index])
        else learn(value, mine)
      }
    }

    const keyOf = (role: string): string => roles[role] ?? known.get(role) ?? translate(role.replace(/^<|>$/g, ""))

    /** The address of a row: links are ours, since the recorded ones led to another store. */
    const urlOf = ({ request: { path } }: Row): string => {
      const picture = /^\/stable-horde\/(.*)\.webp/.exec(path)?.[1]
      const link = picture === undefined ? undefined : downloads.get(translate(picture))
      return link ?? new URL(translate(path), server.url).href
    }

    /** Uploads were not recorded; a worker makes one before it delivers a picture. */
    const upload = ({ request: { body } }: Row) =>
      Effect.gen(function* () {
        if (!isRecord(body) || body["generation"] !== "R2") return
        const link = uploads.get(translate(String(body["id"])))
        if (link === undefined) return
        const request = HttpClientRequest.put(link).pipe(HttpClientRequest.bodyUint8Array(picture, "image/webp"))
        const { status } = yield* client.execute(request)
        if (status !== 200) throw new Error(`an upload was answered with ${status}`)
      })

    const send = (row: Row) =>
      Effect.gen(function* () {
        const sent = row.request
        const headers: Record<string, string> = { "Client-Agent": "replay:1:-" }
        if (sent.key !== undefined) headers["apikey"] = keyOf(sent.key)
        for (const [name, value] of Object.entries(sent.headers ?? {})) {
          if (value === null) delete headers[name]
          else headers[name] = value
        }
        const text = sent.body === undefined ? sent.raw : translate(JSON.stringify(sent.body))
        const request = HttpClientRequest.make(sent.method)(urlOf(row)).pipe(
          text === undefined ? identity : HttpClientRequest.setBody(HttpBody.raw(text)),
          sent.body === undefined ? identity : HttpClientRequest.setHeader("Content-Type", "application/json"),
          HttpClientRequest.setHeaders(headers)
        )
        const response = yield* client.execute(request)
        const answer = yield* response.text
        const json = answer !== "" && response.headers["content-type"]?.startsWith("application/json") === true
        const received: Received = {
          status: response.status,
          headers: response.headers,
          ...(json ? { body: JSON.parse(answer) as unknown } : { text: answer })
        }
        return received
      })

    /** Learns the ids of workers that a row refers to. */
    const findWorkers = ({ request: { body, path } }: Row) =>
      Effect.forEach(Object.entries(options.workers ?? {}), ([id, name]) =>
        Effect.gen(function* () {
          if (known.has(id) || !`${path} ${JSON.stringify(body)}`.includes(id)) return
          const request: Sent = { method: "GET", path: `/api/v2/workers/name/${name}` }
          const { body: found } = yield* send({ name, request, response: { status: 200, headers: {} } })
          learn({ id }, found)
        })
      )

    const compared: Array<Compared> = []
    if (options.first !== undefined) yield* send(options.first)
    let before: Row | undefined
    for (const row of rows(conversation)) {
      const inRun =
        row.name.startsWith("limit ") &&
        before?.name.startsWith("limit ") === true &&
        row.name.split(" ")[1] === before.name.split(" ")[1]
      if (!inRun && options.atOnce?.includes(row.name) !== true) {
        yield* TestClock.adjust(`${Math.round(1000 * (options.pauses?.[row.name] ?? 1.2))} millis`)
        yield* server.emptyLimiter
      }
      for (const left of pad(row, before)) yield* send(left)
      for (const earlier of options.before?.[row.name] ?? []) learn(earlier.response.body, (yield* send(earlier)).body)
      yield* findWorkers(row)
      yield* upload(row)
      const received = yield* send(row)
      learn(row.response.body, received.body)
      compared.push({
        name: row.name,
        expected: essence(row.name, row.response),
        actual: essence(row.name, received),
        received
      })
      before = row
    }
    return compared
  })
