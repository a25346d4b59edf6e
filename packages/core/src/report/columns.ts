/** Lays lines out in columns for a terminal. */

export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
  /** Never shortened: text to be copied or clicked. */
  readonly whole?: true
  /** Aligned right, for numbers. */
  readonly right?: true
}

export interface ColumnsOptions {
  /** The terminal's width, in characters. */
  readonly width: number
  readonly indent?: string
}

const gap = '  '
const narrowest = 8
const widestAligned = 120

/** Each column is as wide as its widest cell; if that is too wide, the widest shortenable column shrinks. */
export function columns(rows: readonly (readonly Cell[])[], { width, indent = '' }: ColumnsOptions): string[] {
  const isFree = !Number.isFinite(width)
  const widths = columnWidths(rows, width - indent.length)
  // Without shortening, one long cell must not push all others to the right.
  const aligned = isFree ? widths.map((one) => Math.min(one, widestAligned)) : widths
  return rows.map((row) =>
    `${indent}${row.map((cell, i) => renderCell(cell, aligned[i] as number, isFree)).join(gap)}`.trimEnd(),
  )
}

/** The width of the widest line, without shortening. */
export function naturalWidth(rows: readonly (readonly Cell[])[]): number {
  const widths = columnWidths(rows, Number.POSITIVE_INFINITY)
  return sum(widths) + gap.length * (widths.length - 1)
}

function columnWidths(rows: readonly (readonly Cell[])[], width: number): number[] {
  const count = rows.reduce((max, row) => Math.max(max, row.length), 0)
  const at = (i: number) => rows.flatMap((row) => row[i] ?? [])
  const widths = Array.from({ length: count }, (_, i) => at(i).reduce((max, { text }) => Math.max(max, text.length), 0))
  const elastic = widths.map((_, i) => !at(i).some(({ whole }) => whole))
  for (let over = sum(widths) + gap.length * (count - 1) - width; over > 0; over--) {
    const widest = widths.reduce((best, size, i) => (elastic[i] && size > (widths[best] ?? narrowest) ? i : best), -1)
    if (widest < 0) return widths
    widths[widest] = (widths[widest] as number) - 1
  }
  return widths
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

function renderCell({ text, paint = (plain) => plain, right }: Cell, width: number, isFree: boolean): string {
  const shown = isFree ? text : clip(text, width)
  const space = ' '.repeat(Math.max(0, width - shown.length))
  if (shown === '') return space
  return right ? `${space}${paint(shown)}` : `${paint(shown)}${space}`
}

/** Cuts the middle: the beginning and end of a path or call are the most telling. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.floor((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}

/** Wraps a text between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

/** Makes a value safe for one line: a control character could break the line, reverse it, or send commands to the terminal. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s*[\r\n\t\u2028\u2029]+\s*/g, ' '))
}

/** Like {@link oneLine}, for a text of several lines. */
export function manyLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** Emoji joiners and tabs are harmless. */
function visible(text: string): string {
  return text.replace(/(?![\u200d\t])[\p{Cc}\p{Cf}]/gu, (char) => {
    const code = (char.codePointAt(0) as number).toString(16).padStart(2, '0')
    return code.length > 2 ? `\\u{${code}}` : `\\x${code}`
  })
}
