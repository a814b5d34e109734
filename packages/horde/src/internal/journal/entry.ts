/** Makes the journal entry of a job. Keys, requests and prompts are stored as fingerprints only. */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Entry, EntryKey, type State } from "../../JobJournal.js"
import { anonymousKey, isSharedKey } from "../call/connectionOptions.js"
import type { PreparedCall, RequestRule, Starts } from "../call/declaration.js"
import { type Kind, Ticket } from "../jobs/ticket.js"
import { serverForgetsAfter } from "../limits/serverTimes.js"
import { randomId } from "../platform/randomId.js"
import { fingerprint } from "./fingerprint.js"

type Fields = { readonly [name: string]: unknown }

const fieldsIn = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {})

/** Equal values have equal canonical forms, whatever the order of their fields. */
const canonical = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(canonical)
    : typeof value === "object" && value !== null
      ? Object.entries(value)
          .filter(([, member]) => member !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, canonical(member)])
      : value

/** The values of a request by field. Objects are split into their fields, because the server may add fields. */
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

/** Empty if the request cannot be written as JSON, or is nested too deeply: it then equals no other request. */
const requestFingerprint = (
  key: EntryKey,
  fields: ReadonlyArray<string>,
  request: ReadonlyMap<string, unknown>
): string => {
  const text = Either.try(() => JSON.stringify(fields.map((field) => [field, canonical(request.get(field) ?? null)])))
  return Either.match(text, { onLeft: () => "", onRight: (json) => fingerprint(`${key} ${json}`) })
}

const isPresent = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)

const promptFingerprint = (key: EntryKey, request: Fields) => fingerprint(`${key} ${String(request["prompt"])}`)

/** Whether a request that the server reports has the prompt of an entry. The server may have changed other fields. */
export const isPromptOf = (entry: Entry, request: Fields): boolean =>
  promptFingerprint(entry.key, request) === entry.request.promptFingerprint

/** Whether a request that the server reports is the request of an entry. */
export const isRequestOf = (entry: Pick<Entry, "key" | "request">, request: Fields, rule: RequestRule): boolean => {
  const { fields, fingerprint: expected } = entry.request
  const reported = leaves(request, rule)
  const present = [
    ...rule.presence.filter((name) => isPresent(request[name])),
    ...rule.neverFilledIn.filter((name) => isPresent(reported.get(name)))
  ]
  if (present.some((name) => !fields.includes(name))) return false
  const compared = fields.filter((name) => !rule.presence.includes(name))
  return expected !== "" && requestFingerprint(entry.key, compared, reported) === expected
}

const keyFingerprint = (key: EntryKey, apiKey: Redacted.Redacted) => fingerprint(`${key} ${Redacted.value(apiKey)}`)

/** Whether the job of an entry was submitted with this API key. */
export const isUnder = (entry: Entry, apiKey: Redacted.Redacted): boolean =>
  keyFingerprint(entry.key, apiKey) === entry.account.fingerprint

const kindOf = (apiKey: Redacted.Redacted): Entry["account"]["kind"] => {
  const text = Redacted.value(apiKey)
  if (text === anonymousKey) return "anonymous"
  return isSharedKey(text) ? "shared" : "personal"
}

const newKey = (): EntryKey => EntryKey.make(randomId(12))

interface Origin {
  readonly job: Kind
  readonly now: number
  readonly apiKey: Redacted.Redacted
}

/** The validation of an entry costs memory and time, and its parts are valid here. */
const unchecked = { disableValidation: true }

const make = ({ apiKey, job, now }: Origin, key: EntryKey, details: Pick<Entry, "expected" | "request" | "id">) => {
  const at = DateTime.unsafeMake(now)
  const account = { kind: kindOf(apiKey), fingerprint: keyFingerprint(key, apiKey) }
  return Entry.make(
    { version: 1, key, state: "intent", job, submittedAt: at, changedAt: at, account, ...details },
    unchecked
  )
}

/** The entry of a job that a call is about to submit. */
export const entryOfCall = (origin: Omit<Origin, "job">, call: PreparedCall, { job, request: rule }: Starts): Entry => {
  const key = newKey()
  const request = fieldsIn(call.payload)
  const values = leaves(request, rule)
  const uncertain = rule.changeable?.(request) ?? []
  const fields = [...values.keys()].filter((name) => !uncertain.includes(name)).sort()
  return make({ ...origin, job }, key, {
    expected: Math.max(1, call.results),
    request: {
      fields: [...fields, ...rule.presence.filter((name) => isPresent(request[name]))],
      fingerprint: requestFingerprint(key, fields, values),
      promptFingerprint: promptFingerprint(key, request)
    }
  })
}

/** The entry of a job that was submitted elsewhere: its request is unknown. */
export const entryOfTicket = (origin: Omit<Origin, "job">, ticket: Ticket): Entry =>
  make({ ...origin, job: ticket.kind }, newKey(), {
    expected: ticket.expected,
    request: { fields: [], fingerprint: "", promptFingerprint: "" },
    id: ticket.id
  })

/** The time since the submit, in milliseconds. */
export const ageOf = ({ submittedAt }: Entry, now: number): number => now - DateTime.toEpochMillis(submittedAt)

export interface Change {
  readonly state: State
  readonly id?: Redacted.Redacted
  readonly search?: NonNullable<Entry["search"]>
}

/** The entry in its next state. The result of an earlier search no longer applies to it. */
export const changed = ({ search: _, ...entry }: Entry, now: number, change: Change): Entry =>
  Entry.make({ ...entry, ...change, changedAt: DateTime.unsafeMake(now) }, unchecked)

/** The latest valid date, in milliseconds since the epoch. */
const latestDate = 8.64e15

/** The ticket of an entry's job. Its deadline is the time at which the server deletes the job. */
export const ticketOf = (entry: Entry, id: Redacted.Redacted): Ticket =>
  Ticket.make({
    version: 1,
    kind: entry.job,
    id,
    expected: entry.expected,
    submittedAt: entry.submittedAt,
    deadline: DateTime.unsafeMake(Math.min(DateTime.toEpochMillis(entry.submittedAt) + serverForgetsAfter, latestDate))
  })
