/**
 * JSON as Python parses it: `NaN` and `Infinity` are numbers, `512.0` is a float, and nesting is limited.
 */

export interface Json {
  readonly value: unknown
  /** The paths, such as `/params/width`, of numbers that are integral in JavaScript and floats in Python. */
  readonly floats: ReadonlySet<string>
}

/** Thrown for a document that is nested too deeply. */
export class TooDeep {
  readonly _tag = "TooDeep"
}

/** Python's limit is about a thousand levels, depending on the caller's own stack. */
const maxDepth = 500

const literals: ReadonlyArray<readonly [string, unknown]> = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY]
]

const escaped = (name: string): string => name.replace(/~/g, "~0").replace(/\//g, "~1")

/** A recursive descent parser. */
class Reader {
  readonly floats = new Set<string>()
  private position = 0
  private readonly path: Array<string> = []

  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.value()
    this.skipSpace()
    if (this.position < this.text.length) throw this.malformed()
    return value
  }

  private malformed(): SyntaxError {
    return new SyntaxError(`Invalid JSON at character ${this.position}`)
  }

  private skipSpace(): void {
    while (" \t\n\r".includes(this.text.charAt(this.position)) && this.position < this.text.length) this.position++
  }

  private accept(token: string): boolean {
    this.skipSpace()
    if (!this.text.startsWith(token, this.position)) return false
    this.position += token.length
    return true
  }

  private expect(token: string): void {
    if (!this.accept(token)) throw this.malformed()
  }

  private value(): unknown {
    if (this.accept("{")) return this.object()
    if (this.accept("[")) return this.array()
    if (this.text.charAt(this.position) === '"') return this.string()
    for (const [token, value] of literals) {
      if (!this.accept(token)) continue
      if (typeof value === "number") this.recordFloat()
      return value
    }
    return this.number()
  }

  private member(name: string): unknown {
    if (this.path.length >= maxDepth) throw new TooDeep()
    this.path.push(name)
    const value = this.value()
    this.path.pop()
    return value
  }

  private object(): unknown {
    const members: Array<readonly [string, unknown]> = []
    if (this.accept("}")) return {}
    do {
      this.skipSpace()
      const name = this.string()
      this.expect(":")
      members.push([name, this.member(name)])
    } while (this.accept(","))
    this.expect("}")
    return Object.fromEntries(members)
  }

  private array(): unknown {
    const items: Array<unknown> = []
    if (this.accept("]")) return items
    do items.push(this.member(String(items.length)))
    while (this.accept(","))
    this.expect("]")
    return items
  }

  private string(): string {
    const start = this.position
    if (this.text.charAt(start) !== '"') throw this.malformed()
    let end = start
    let backslashes: number
    do {
      end = this.text.indexOf('"', end + 1)
      if (end === -1) throw this.malformed()
      backslashes = 0
      while (this.text.charAt(end - 1 - backslashes) === "\\") backslashes++
    } while (backslashes % 2 === 1)
    this.position = end + 1
    return JSON.parse(this.text.slice(start, end + 1)) as string
  }

  private number(): number {
    const pattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
    pattern.lastIndex = this.position
    const [token, fraction, exponent] = pattern.exec(this.text) ?? []
    if (token === undefined) throw this.malformed()
    this.position += token.length
    const value = Number(token)
    const isFloat = fraction !== undefined || exponent !== undefined
    if (isFloat && (Number.isInteger(value) || !Number.isFinite(value))) this.recordFloat()
    return value
  }

  private recordFloat(): void {
    this.floats.add(this.path.map((name) => `/${escaped(name)}`).join(""))
  }
}

/** Throws a `SyntaxError`, or {@link TooDeep}. */
export const parse = (text: string): Json => {
  const reader = new Reader(text)
  const value = reader.document()
  return { value, floats: reader.floats }
}
