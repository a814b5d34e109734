/** `horde keys`: shared keys. Their ids are credentials, which only `create` and `show --reveal` print. */
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import { onHorde } from "../connection/onHorde.js"
import { withHorde } from "../connection/withHorde.js"
import { handleOf, isId } from "../credentials/handle.js"
import { notFound, usage } from "../failures/failures.js"
import { reported } from "../failures/report.js"
import type { ConnectionOptions } from "../options/connection.js"
import { valueOf } from "../options/image.js"
import { printJson, printLines } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { fields, table } from "../output/table.js"
import { number } from "../output/text.js"

type Details = SharedKeys.SharedKeyDetails

/** The limits of a key as options. */
export interface Limits {
  readonly name: Option.Option<string>
  readonly kudos: Option.Option<number>
  readonly expiry: Option.Option<number>
  readonly maxPixels: Option.Option<number>
  readonly maxSteps: Option.Option<number>
  readonly maxTokens: Option.Option<number>
}

interface Input {
  readonly connection: ConnectionOptions
}

const inputOf = (limits: Limits): SharedKeys.SharedKeyInput => {
  const given = {
    name: valueOf(limits.name),
    kudos: valueOf(limits.kudos),
    expiry: valueOf(limits.expiry),
    max_image_pixels: valueOf(limits.maxPixels),
    max_image_steps: valueOf(limits.maxSteps),
    max_text_tokens: valueOf(limits.maxTokens)
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const limit = (value: number): string => (value < 0 ? "unlimited" : number(value))

const expiryOf = ({ expiry, expiry_unreadable }: Details): string =>
  expiry === undefined ? (expiry_unreadable ?? "never") : DateTime.formatIso(expiry).slice(0, 10)

/** A key for `--json`, without its id unless it is revealed. */
const asJson = (key: Details, isRevealed: boolean) => ({
  key: handleOf(key.id),
  ...(isRevealed ? { id: Redacted.value(key.id) } : {}),
  name: key.name,
  kudos: key.kudos,
  used: key.utilized,
  expiry: key.expiry === undefined ? null : DateTime.formatIso(key.expiry),
  maxPixels: key.max_image_pixels,
  maxSteps: key.max_image_steps,
  maxTokens: key.max_text_tokens
})

const show = (key: Details, options: { readonly json: boolean; readonly isRevealed: boolean }) =>
  Effect.gen(function* () {
    const { clearStatus, out } = yield* Screen
    yield* clearStatus
    if (options.json) return yield* printJson(asJson(key, options.isRevealed))
    yield* printLines(
      fields(
        [
          ["key", handleOf(key.id)],
          ["id", options.isRevealed ? Redacted.value(key.id) : undefined],
          ["name", key.name],
          ["kudos left", limit(key.kudos)],
          ["kudos used", number(key.utilized)],
          ["expires", expiryOf(key)],
          ["pixels", limit(key.max_image_pixels)],
          ["steps", limit(key.max_image_steps)],
          ["tokens", limit(key.max_text_tokens)]
        ],
        // an id that is broken into two lines cannot be copied
        options.isRevealed ? Math.max(60, out.columns()) : out.columns()
      )
    )
  })

/** All shared keys of the account. */
const all = Effect.gen(function* () {
  yield* Progress.doing("asking for the shared keys")
  const { sharedkey_ids: ids = [] } = yield* Users.me
  // the list may be half a minute old: a key that was deleted meanwhile is left out
  const read = (id: SharedKeys.SharedKeyId) =>
    Effect.catchTag(Effect.asSome(SharedKeys.get(id)), "Unauthorized", () => Effect.succeedNone)
  return Arr.getSomes(yield* Effect.forEach(ids, read, { concurrency: 4 }))
})

/** The key with this handle or name. */
const find = (wanted: string) =>
  Effect.gen(function* () {
    if (isId(wanted)) {
      return yield* usage(
        "the id of a shared key must not be typed on the command line",
        "name the key as `horde keys list` shows it"
      )
    }
    const keys = yield* all
    const byHandle = keys.filter(({ id }) => wanted.length >= 4 && handleOf(id).startsWith(wanted.toLowerCase()))
    const found = byHandle.length > 0 ? byHandle : keys.filter(({ name }) => name === wanted)
    const [key, ...others] = found
    if (key === undefined) {
      return yield* notFound(`the account has no shared key "${wanted}"`, "horde keys list lists them")
    }
    if (others.length > 0) {
      return yield* usage(
        `${found.length} shared keys are named "${wanted}": ${found.map(({ id }) => handleOf(id)).join(", ")}`
      )
    }
    return key
  })

/** Only an account's own key may manage shared keys. */
const needs = { account: true }

export const list = ({ connection }: Input) =>
  onHorde(
    connection,
    needs,
    Effect.gen(function* () {
      const { clearStatus, note, out } = yield* Screen
      const keys = yield* all
      yield* clearStatus
      if (connection.json) return yield* printJson(keys.map((key) => asJson(key, false)))
      if (keys.length === 0) return yield* note("the account has no shared keys")
      const columns = [
        { title: "KEY" },
        { title: "NAME" },
        { title: "LEFT", isNumber: true },
        { title: "USED", isNumber: true },
        { title: "EXPIRES", optional: 1 },
        { title: "PIXELS", isNumber: true, optional: 2 },
        { title: "STEPS", isNumber: true, optional: 2 },
        { title: "TOKENS", isNumber: true, optional: 2 }
      ]
      const rows = keys.map((key) => [
        handleOf(key.id),
        key.name ?? "",
        limit(key.kudos),
        number(key.utilized),
        expiryOf(key),
        limit(key.max_image_pixels),
        limit(key.max_image_steps),
        limit(key.max_text_tokens)
      ])
      yield* printLines(table(columns, rows, out.columns()))
    })
  )

export const create = ({ connection, limits }: Input & { readonly limits: Limits }) =>
  onHorde(
    connection,
    needs,
    Effect.gen(function* () {
      yield* Progress.doing("creating the shared key")
      const key = yield* SharedKeys.create(inputOf(limits))
      yield* show(key, { json: connection.json, isRevealed: true })
      const { err, note } = yield* Screen
      if (err.isTerminal) yield* note("whoever has the id can spend these kudos: give it only to those who may")
    })
  )

export const modify = ({ connection, key, limits }: Input & { readonly key: string; readonly limits: Limits }) =>
  reported(
    connection,
    Effect.gen(function* () {
      const changes = inputOf(limits)
      if (Object.keys(changes).length === 0) {
        return yield* usage("nothing is changed: give at least one option such as --kudos")
      }
      yield* withHorde(
        connection,
        needs,
        Effect.gen(function* () {
          const { id } = yield* find(key)
          const changed = yield* SharedKeys.modify(id, changes)
          yield* show(changed, { json: connection.json, isRevealed: false })
        })
      )
    })
  )

export const showKey = ({ connection, key, reveal }: Input & { readonly key: string; readonly reveal: boolean }) =>
  onHorde(
    connection,
    needs,
    Effect.flatMap(find(key), (details) => show(details, { json: connection.json, isRevealed: reveal }))
  )

export const remove = ({ connection, key }: Input & { readonly key: string }) =>
  onHorde(
    connection,
    needs,
    Effect.gen(function* () {
      const { id } = yield* find(key)
      yield* SharedKeys.remove(id)
      const { clearStatus, print } = yield* Screen
      yield* clearStatus
      yield* connection.json ? printJson({ deleted: handleOf(id) }) : print(`deleted ${handleOf(id)}`)
    })
  )
