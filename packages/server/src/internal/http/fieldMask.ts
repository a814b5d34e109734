/**
 * The `X-Fields` header: it selects the fields of a reply, such as `id,generations{img,seed}`.
 */
import { Refusal } from "../state/refusal.js"
import type { Incoming } from "./incoming.js"
import { type Answer, json } from "./reply.js"

type FieldMask = ReadonlyMap<string, FieldMask | undefined>

const malformed = (): never => {
  throw new Refusal(400, { message: "The X-Fields mask has unbalanced or misplaced brackets" })
}

const parse = (source: string): FieldMask => {
  const trimmed = source.trim()
  const tokens = (trimmed.startsWith("{") ? trimmed : `{${trimmed}}`).match(/[{},]|[^{},\s]+/g) ?? []
  let position = 0

  const group = (): FieldMask => {
    const fields = new Map<string, FieldMask | undefined>()
    if (tokens[position++] !== "{") return malformed()
    let last: string | undefined
    for (;;) {
      const token = tokens[position]
      if (token === undefined) return malformed()
      if (token === "{") {
        if (last === undefined) return malformed()
        fields.set(last, group())
        last = undefined
        continue
      }
      position++
      if (token === "}") return fields
      if (token === ",") {
        last = undefined
        continue
      }
      last = token
      fields.set(token, undefined)
    }
  }

  const mask = group()
  return position === tokens.length ? mask : malformed()
}

const select = (mask: FieldMask, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => select(mask, item))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.flatMap(([name, content]) => {
      if (!mask.has(name)) return mask.has("*") ? [[name, content]] : []
      const inner = mask.get(name)
      return [[name, inner === undefined ? content : select(inner, content)]]
    })
  )
}

/** A JSON reply with the fields that the request's mask selects; all of them without a mask. */
export const maskedJson = (
  { headers }: Incoming,
  status: number,
  body: unknown,
  replyHeaders?: Readonly<Record<string, string>>
): Answer => {
  const mask = headers["x-fields"]
  return json(status, mask === undefined || mask === "" ? body : select(parse(mask), body), replyHeaders)
}

/** The reply to a change that returns nothing else. */
export const ok = (incoming: Incoming): Answer => maskedJson(incoming, 200, { message: "OK" })
