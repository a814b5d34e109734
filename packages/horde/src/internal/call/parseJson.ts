/** Parses JSON with Python's literals, and reads the id from an incomplete body. */

/** The index after the string literal that begins at `start`; −1 if it has no end. */
export const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text[at - 1 - backslashes] === "\\") backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return -1
}

/** Python's `json` module writes the first three; servers that format values themselves write the others. */
const literals: ReadonlyArray<readonly [literal: string, json: string]> = [
  ["NaN", '"NaN"'],
  ["-Infinity", "-1e999"],
  ["Infinity", "1e999"],
  ["None", "null"],
  ["True", "true"],
  ["False", "false"]
]

/** One pass over the text, so that it takes linear time. */
const withoutLiterals = (text: string): string => {
  let result = ""
  let copied = 0
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') {
      const end = endOfString(text, at)
      if (end === -1) break
      at = end
      continue
    }
    const found = literals.find(([literal]) => text.startsWith(literal, at))
    if (found === undefined) {
      at++
      continue
    }
    result += text.slice(copied, at) + found[1]
    at += found[0].length
    copied = at
  }
  return result + text.slice(copied)
}

const parseStrictly = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `undefined` if the text is not JSON. */
export const parseJson = (text: string): unknown => {
  const value = parseStrictly(text)
  if (value !== undefined || !/^\s*[[{]/.test(text)) return value
  const repaired = withoutLiterals(text)
  return repaired === text ? undefined : parseStrictly(repaired)
}

/** The string field `id` of the outermost object, in a body that may be incomplete. */
export const topLevelId = (text: string): string | undefined => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "{" || char === "[") depth++
    else if (char === "}" || char === "]") depth--
    else if (char === '"') {
      const end = endOfString(text, at)
      if (end === -1) return undefined
      if (depth === 1 && text.slice(at, end) === '"id"') {
        const [, start] = /^\s*:\s*(?=")/d.exec(text.slice(end, end + 100))?.indices?.[0] ?? []
        if (start !== undefined) {
          const close = endOfString(text, end + start)
          const value = close === -1 ? undefined : parseStrictly(text.slice(end + start, close))
          return typeof value === "string" ? value : undefined
        }
      }
      at = end - 1
    }
  }
  return undefined
}
