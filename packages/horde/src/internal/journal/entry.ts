/** What the journal keeps of a call that starts a job: enough to know it again, and nothing that gives it away. */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Entry, EntryKey, type State } from "../../JobJournal.js"
import { anonymousKey, isSharedKey } from "../call/connectionOptions.js"
import type { PreparedCall, RequestRule, Starts } from "../call/declaration.js"
import { type Kind, Ticket } from "../jobs/ticket.js"
import { serverForgetsAfter } from "../limits/serverTimes.js"
import { randomId } from "../platform/randomId.js"
import { fingerprint as markOf } from "./fingerprint.js"

type Fields = { readonly [name: string]: unknown }

const fieldsIn = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {})

/** The same for equal values, in whatever order their fields stand. */
const canonical = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(canonical)
    : typeof value === "object" && value !== null
      ? Object.entries(value)
          .filter(([, member]) => member !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, canonical(member)])
      : value

/** The content of a request by field, that of objects one level down field by field: a server may fill in more. */
const leaves = (request: Fields, { content, reported }: RequestRule): ReadonlyMap<string, unknown> =>
  new Map(
    content.flatMap((name): ReadonlyArray<readonly [string, unknown]> => {
      const value = reported === undefined ? request[name] : reported(name, request[name])
      if (value === undefined) return []
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, value]]
      return Object.entries(value).flatMap(([field, member]) =>
        member === undefined ? [] : [[`${name}.${field}`, member] as const]
      )
    })
  )

/** Empty for what has no JSON, or is nested too deeply: such a request equals no other. */
const markOfFields = (key: EntryKey, fields: ReadonlyArray<string>, request: ReadonlyMap<string, unknown>): string => {
  const text = Either.try(() => JSON.stringify(fields.map((field) => [field, canonical(request.get(field) ?? null)])))
  return Either.match(text, { onLeft: () => "", onRight: (json) => markOf(`${key} ${json}`) })
}

const isThere = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)

const markOfPrompt = (key: EntryKey, request: Fields) => markOf(`${key} ${String(request["prompt"])}`)

/** Whether a request, as the server tells it, has the prompt that an entry was made for. The rest it may have changed. */
export const isPromptOf = (entry: Entry, request: Fields): boolean =>
  markOfPrompt(entry.key, request) === entry.request.prompt

/** Whether a request, as the server reports it, is the one that an entry was made for. */
export const isRequestOf = (entry: Pick<Entry, "key" | "request">, request: Fields, rule: RequestRule): boolean => {
  const { fields, mark } = entry.request
  const told = leaves(request, rule)
  const present = [
    ...rule.presence.filter((name) => isThere(request[name])),
    ...rule.neverFilledIn.filter((name) => isThere(told.get(name)))
  ]
  if (present.some((name) => !fields.includes(name))) return false
  const asked = fields.filter((name) => !rule.presence.includes(name))
  return mark !== "" && markOfFields(entry.key, asked, told) === mark
}

const markOfKey = (key: EntryKey, apiKey: Redacted.Redacted) => markOf(`${key} ${Redacted.value(apiKey)}`)

/** Whether an entry was made under this API key. */
export const isUnder = (entry: Entry, apiKey: Redacted.Redacted): boolean =>
  markOfKey(entry.key, apiKey) === entry.account.mark

const kindOf = (apiKey: Redacted.Redacted): Entry["account"]["kind"] => {
  const text = Redacted.value(apiKey)
  if (text === anonymousKey) return "anonymous"
  return isSharedKey(text) ? "shared" : "personal"
}

const newKey = (): EntryKey => EntryKey.make(randomId(12))

interface Made {
  readonly job: Kind
  readonly now: number
  readonly apiKey: Redacted.Redacted
}

const make = ({ apiKey, job, now }: Made, key: EntryKey, about: Pick<Entry, "expected" | "request" | "id">) =>
  Entry.make({
    version: 1,
    key,
    state: "intent",
    job,
    submittedAt: DateTime.unsafeMake(now),
    changedAt: DateTime.unsafeMake(now),
    account: { kind: kindOf(apiKey), mark: markOfKey(key, apiKey) },
    ...about
  })

/** A job that a call is about to start. */
export const entryOfCall = (made: Omit<Made, "job">, call: PreparedCall, { job, request: rule }: Starts): Entry => {
  const key = newKey()
  const request = fieldsIn(call.payload)
  const told = leaves(request, rule)
  const uncertain = rule.changeable?.(request) ?? []
  const fields = [...told.keys()].filter((name) => !uncertain.includes(name)).sort()
  return make({ ...made, job }, key, {
    expected: Math.max(1, call.results),
    request: {
      fields: [...fields, ...rule.presence.filter((name) => isThere(request[name]))],
      mark: markOfFields(key, fields, told),
      prompt: markOfPrompt(key, request)
    }
  })
}

/** A job that was started elsewhere: nothing is known of its request. */
export const entryOfTicket = (made: Omit<Made, "job">, ticket: Ticket): Entry =>
  make({ ...made, job: ticket.kind }, newKey(), {
    expected: ticket.expected,
    request: { fields: [], mark: "", prompt: "" },
    id: ticket.id
  })

/** How long ago it was submitted, in milliseconds. */
export const ageOf = ({ submittedAt }: Entry, now: number): number => now - DateTime.toEpochMillis(submittedAt)

export interface Change {
  readonly state: State
  readonly id?: Redacted.Redacted
  readonly search?: NonNullable<Entry["search"]>
}

/** The entry with what has changed. What a search came to says nothing about any later state. */
export const changed = ({ search: _, ...entry }: Entry, now: number, change: Change): Entry =>
  Entry.make({ ...entry, ...change, changedAt: DateTime.unsafeMake(now) })

/** The last time that a date can be, in milliseconds since the epoch. */
const endOfTime = 8.64e15

/** Opens the job of an entry again. Its deadline is the server's own patience. */
export const ticketOf = (entry: Entry, id: Redacted.Redacted): Ticket =>
  Ticket.make({
    version: 1,
    kind: entry.job,
    id,
    expected: entry.expected,
    submittedAt: entry.submittedAt,
    deadline: DateTime.unsafeMake(Math.min(DateTime.toEpochMillis(entry.submittedAt) + serverForgetsAfter, endOfTime))
  })
