/** Writes the JSON body of a request. What cannot be written is named by its field, before anything is sent. */
import { endOfString } from "./json.js"

/** Deeper values overflow the stack of whoever walks them, at the server too. */
const maxDepth = 100

const isDeep = (json: string): boolean => {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const char = json[at]
    if (char === '"') at = endOfString(json, at) - 1
    else if (char === "}" || char === "]") depth--
    else if ((char === "{" || char === "[") && ++depth > maxDepth) return true
  }
  return false
}

const notJson = "must be plain JSON: no BigInt, no cycle, nothing that throws when it is read"

/** `undefined` where the value can be written. */
const faultOf = (value: unknown): string | undefined => {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    return error instanceof RangeError ? `must not be nested deeper than ${maxDepth} levels` : notJson
  }
  return text !== undefined && isDeep(text) ? `must not be nested deeper than ${maxDepth} levels` : undefined
}

const membersOf = (value: unknown): ReadonlyArray<readonly [name: string, member: unknown]> => {
  if (typeof value !== "object" || value === null) return []
  return Object.keys(value).map((name) => {
    try {
      return [name, Reflect.get(value, name)]
    } catch {
      return [name, undefined]
    }
  })
}

/** How far down the field at fault is looked for: `payload.params.special`. */
const namedLevels = 2

const faultyFields = (
  value: unknown,
  path: string,
  fault: string,
  levels = namedLevels
): ReadonlyArray<readonly [field: string, fault: string]> => {
  const inner = membersOf(value).flatMap(([name, member]) => {
    const its = faultOf(member)
    if (its === undefined) return []
    return levels > 1 ? faultyFields(member, `${path}.${name}`, its, levels - 1) : [[`${path}.${name}`, its] as const]
  })
  return inner.length > 0 ? inner : [[path, fault]]
}

/** The body as text; where it cannot be written, writes into `errors` why. */
export const bodyOf = (payload: unknown, errors: Record<string, string>): string | undefined => {
  const fault = faultOf(payload)
  if (fault === undefined) return JSON.stringify(payload)
  Object.assign(errors, Object.fromEntries(faultyFields(payload, "payload", fault)))
  return undefined
}
