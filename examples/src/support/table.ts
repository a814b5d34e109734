/** A row of a table: column → cell. */
export type Row = { readonly [column: string]: string | number }

/** Rows as lines with aligned columns: numbers to the right, texts to the left. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const columns = Object.keys(rows[0] ?? {})
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))]
  const layouts = columns.map((column, index) => ({
    isNumeric: rows.every((row) => typeof row[column] === "number"),
    width: Math.max(...cells.map((line) => line[index]?.length ?? 0))
  }))
  const lineOf = (line: ReadonlyArray<string>) =>
    layouts.map(({ isNumeric, width }, index) => line[index]?.[isNumeric ? "padStart" : "padEnd"](width)).join("  ")
  return cells.map((line) => `  ${lineOf(line).trimEnd()}`).join("\n")
}
