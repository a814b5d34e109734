/**
 * The `X-Fields` header: which fields of a reply the caller wants, such as `id,generations{img,seed}`.
 */
import { Refusal } from "./reply.js"

type Mask = ReadonlyMap<string, Mask | undefined>

const malformed = (): never => {
  throw new Refusal(400, { message: "The X-Fields mask has unbalanced or misplaced brackets" })
}

const parse = (source: string): Mask => {
  const trimmed = source.trim()
  const tokens = (trimmed.startsWith("{") ? trimmed : `{${trimmed}}`).match(/[{},]|[^{},\s]+/g) ?? []
  let position = 0

  const group = (): Mask => {
    const fields = new Map<string, Mask | undefined>()
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

const pick = (mask: Mask, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => pick(mask, item))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.flatMap(([name, content]) => {
      if (!mask.has(name)) return mask.has("*") ? [[name, content]] : []
      const inner = mask.get(name)
      return [[name, inner === undefined ? content : pick(inner, content)]]
    })
  )
}

/** Applies the mask, if any; a malformed one is refused. */
export const apply = (header: string | undefined, body: unknown): unknown =>
  header === undefined || header === "" ? body : pick(parse(header), body)
