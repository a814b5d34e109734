/** Tables and lists of fields that fit into a width. */
import { cut, onOneLine, widthOf } from "./text.js"

/** A column: its title, and whether its cells are numbers, which are aligned to the right. */
export interface Column {
  readonly title: string
  readonly isNumber?: boolean
  /** Columns with a higher value are left out first in a narrow window; 0, the default, is never left out. */
  readonly optional?: number
}

const gap = 2

/** The least width of a column that is cut. */
const narrowest = 8

/** The columns that fit, without the optional ones that do not. */
const fitting = (columns: ReadonlyArray<Column>, widths: ReadonlyArray<number>, width: number) => {
  let kept = columns.map((column, index) => ({ column, index, width: widths[index] ?? 0 }))
  const total = () => kept.reduce((sum, { width }) => sum + width + gap, -gap)
  while (total() > width) {
    const level = Math.max(...kept.map(({ column }) => column.optional ?? 0))
    if (level === 0) break
    const last = kept.filter(({ column }) => column.optional === level).at(-1)
    kept = kept.filter((entry) => entry !== last)
  }
  // the widest column is cut until the rest fits
  while (total() > width) {
    const widest = kept.reduce((most, entry) => (entry.width > most.width ? entry : most))
    if (widest.width <= narrowest) break
    widest.width -= 1
  }
  return kept
}

/** The lines of a table. In a narrow window optional columns are left out, and long cells are cut. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): ReadonlyArray<string> => {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(onOneLine))
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => widthOf(row[index] ?? ""))))
  const kept = fitting(columns, widths, width)
  return cells.map((row) =>
    kept
      .map(({ column, index, width }) => {
        const text = cut(row[index] ?? "", width)
        const space = " ".repeat(Math.max(0, width - widthOf(text)))
        return column.isNumber === true ? space + text : text + space
      })
      .join(" ".repeat(gap))
      .trimEnd()
  )
}

/** Breaks a text into lines of a width, at spaces if possible. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/ +/)) {
    let rest = word
    if (line !== "" && widthOf(`${line} ${rest}`) <= width) {
      line = `${line} ${rest}`
      continue
    }
    if (line !== "") lines.push(line)
    while (widthOf(rest) > width && rest.length > width) {
      lines.push(rest.slice(0, width))
      rest = rest.slice(width)
    }
    line = rest
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line]
}

/** The lines of a list of names and values. */
export const fields = (
  entries: ReadonlyArray<readonly [name: string, value: string | undefined]>,
  width: number
): ReadonlyArray<string> => {
  const known = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, onOneLine(value)] as const]))
  const names = Math.max(0, ...known.map(([name]) => name.length))
  const space = Math.max(12, width - names - gap)
  return known.flatMap(([name, value]) =>
    wrap(value, space).map((line, index) => `${(index === 0 ? name : "").padEnd(names + gap)}${line}`.trimEnd())
  )
}
