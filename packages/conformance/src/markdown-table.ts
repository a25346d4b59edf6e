/** A Markdown table with aligned columns; the first row is its head. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = line(
    head.map(() => ''),
    '-',
  )
  return [line(head), rule, ...body.map((row) => line(row))].join('\n')
}
