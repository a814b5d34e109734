/** Writes the JSON body of a request. The error of a value that JSON cannot represent names its field. */
import { endOfString } from "./parseJson.js"

/** Deeper values overflow the stack of recursive parsers, such as the server's. */
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

const tooDeep = `must not be nested deeper than ${maxDepth} levels`

/** The value as text (`undefined` if JSON omits it), or why it cannot be written. */
const write = (value: unknown): { readonly text: string | undefined } | { readonly fault: string } => {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    return { fault: error instanceof RangeError ? tooDeep : notJson }
  }
  return text !== undefined && isDeep(text) ? { fault: tooDeep } : { text }
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

/** The depth to which errors name fields: `payload.params.special`. */
const namedLevels = 2

const faultyFields = (
  value: unknown,
  path: string,
  fault: string,
  levels = namedLevels
): ReadonlyArray<readonly [field: string, fault: string]> => {
  const inner = membersOf(value).flatMap(([name, member]) => {
    const written = write(member)
    if (!("fault" in written)) return []
    const field = `${path}.${name}`
    return levels > 1 ? faultyFields(member, field, written.fault, levels - 1) : [[field, written.fault] as const]
  })
  return inner.length > 0 ? inner : [[path, fault]]
}

/** The body as text. If it cannot be written, the reasons are added to `errors`. */
export const bodyOf = (payload: unknown, errors: Record<string, string>): string | undefined => {
  const written = write(payload)
  if (!("fault" in written)) return written.text
  Object.assign(errors, Object.fromEntries(faultyFields(payload, "payload", written.fault)))
  return undefined
}
