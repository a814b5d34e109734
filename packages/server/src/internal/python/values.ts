/**
 * Python's conversions of values. The real server converts arguments to integers, text and UUIDs with them, and they
 * accept more than one notation.
 */

const between = (first: number, last: number): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

const spaces: ReadonlySet<number> = new Set([
  ...between(0x09, 0x0d),
  ...between(0x1c, 0x20),
  ...between(0x2000, 0x200a),
  ...[0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]
])

const isSpace = (code: number): boolean => spaces.has(code)

const isBrace = (code: number): boolean => code === 0x7b || code === 0x7d

/** Uses loops, not regular expressions: the input is untrusted and may be long. */
const stripped = (text: string, unwanted: (code: number) => boolean): string => {
  let start = 0
  let end = text.length
  while (start < end && unwanted(text.charCodeAt(start))) start++
  while (end > start && unwanted(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** `str.strip()` */
export const strip = (text: string): string => stripped(text, isSpace)

/** `len(str.split())` */
export const countWords = (text: string): number => {
  let count = 0
  let inWord = false
  for (let index = 0; index < text.length; index++) {
    const space = isSpace(text.charCodeAt(index))
    if (!space && !inWord) count++
    inWord = !space
  }
  return count
}

/** `len(str)`: code points, not UTF-16 units. */
export const length = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

const digit = /\p{Nd}/u

/** The value of a decimal digit of any script. Unicode has the ten digits of a script in sequence. */
const valueOf = (character: string): number => {
  const code = character.codePointAt(0) ?? 0
  let zero = code
  while (digit.test(String.fromCodePoint(zero - 1))) zero--
  return (code - zero) % 10
}

const withAsciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (character) => (character < "\u0080" ? character : String(valueOf(character))))

/** `str.isdigit()` */
export const isDigits = (text: string): boolean =>
  /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(text)

/** The text in ASCII digits, if it consists of decimal digits of any script only. */
export const decimal = (text: string): string | undefined =>
  /^\p{Nd}+$/u.test(text) ? withAsciiDigits(text) : undefined

/** Python's limit on the digits of an integer. */
const maxDigits = 4300

/** `int(value)`; undefined if Python raises an error. */
export const int = (value: unknown): number | undefined => {
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "number") return Number.isFinite(value) ? Math.trunc(value) : undefined
  if (typeof value !== "string") return undefined
  const text = strip(value)
  if (text.length > 2 * maxDigits) return undefined
  const number = withAsciiDigits(text)
  if (!/^[+-]?\d+(?:_\d+)*$/.test(number)) return undefined
  const digits = number.replace(/_/g, "")
  return digits.length > maxDigits ? undefined : Number(digits)
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = Array.from(text, (character) => {
    const code = character.charCodeAt(0)
    if (character === quote) return `\\${quote}`
    if (escapes[character] !== undefined) return escapes[character]
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, "0")}` : character
  })
  return `${quote}${escaped.join("")}${quote}`
}

const printedNumber = (value: number, isFloat: boolean): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  if (!isFloat && Number.isInteger(value)) return BigInt(value).toString()
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e")
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** `repr(value)`; `floats` contains the JSON paths of floats with an integral value. */
const repr = (value: unknown, floats: ReadonlySet<string>, path: string): string => {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return printedNumber(value, floats.has(path))
  if (typeof value === "string") return quoted(value)
  if (Array.isArray(value)) return `[${value.map((item, index) => repr(item, floats, `${path}/${index}`)).join(", ")}]`
  const entries = Object.entries(value as object)
  return `{${entries.map(([name, item]) => `${quoted(name)}: ${repr(item, floats, `${path}/${name}`)}`).join(", ")}}`
}

/** `str(value)` */
export const str = (value: unknown, floats: ReadonlySet<string>, path: string): string =>
  typeof value === "string" ? value : repr(value, floats, path)

/** `uuid.UUID(text)`, as text with dashes and in lower case; undefined if Python raises an error. */
export const uuid = (text: string): string | undefined => {
  const bare = stripped(text.replaceAll("urn:", "").replaceAll("uuid:", ""), isBrace).replaceAll("-", "")
  const hex = bare.length > 64 ? "" : withAsciiDigits(bare).toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
