/** Lays lines out in columns for a terminal. */

export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
  /** Never shortened: what is copied or clicked. */
  readonly whole?: true
  /** Numbers stand on the right of their column. */
  readonly right?: true
}

export interface ColumnsOptions {
  /** Of the terminal, in characters. */
  readonly width: number
  readonly indent?: string
}

const gap = '  '
const narrowest = 8
const widestAligned = 120

/** Every column as wide as its widest cell; when that is too much, the widest one that may be shortened gives way. */
export function columns(rows: readonly (readonly Cell[])[], { width, indent = '' }: ColumnsOptions): string[] {
  const isFree = !Number.isFinite(width)
  const widths = fit(rows, width - indent.length)
  // Where nothing is shortened, one long cell is no reason to push all others to the right.
  const aligned = isFree ? widths.map((one) => Math.min(one, widestAligned)) : widths
  return rows.map((row) =>
    `${indent}${row.map((cell, i) => lay(cell, aligned[i] as number, isFree)).join(gap)}`.trimEnd(),
  )
}

/** Of the widest line, when nothing is shortened. */
export function naturalWidth(rows: readonly (readonly Cell[])[]): number {
  const widths = fit(rows, Number.POSITIVE_INFINITY)
  return sum(widths) + gap.length * (widths.length - 1)
}

function fit(rows: readonly (readonly Cell[])[], width: number): number[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const at = (i: number) => rows.flatMap((row) => row[i] ?? [])
  const widths = Array.from({ length: count }, (_, i) =>
    at(i).reduce((most, { text }) => Math.max(most, text.length), 0),
  )
  const elastic = widths.map((_, i) => !at(i).some(({ whole }) => whole))
  for (let over = sum(widths) + gap.length * (count - 1) - width; over > 0; over--) {
    const widest = widths.reduce((best, size, i) => (elastic[i] && size > (widths[best] ?? narrowest) ? i : best), -1)
    if (widest < 0) return widths
    widths[widest] = (widths[widest] as number) - 1
  }
  return widths
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

function lay({ text, paint = (plain) => plain, right }: Cell, width: number, isFree: boolean): string {
  const shown = isFree ? text : clip(text, width)
  const space = ' '.repeat(Math.max(0, width - shown.length))
  if (shown === '') return space
  return right ? `${space}${paint(shown)}` : `${paint(shown)}${space}`
}

/** In the middle: of a path or a call, the beginning and the end tell most. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.floor((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}

/** Breaks a text between its words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

/** A value as it may stand in a line: a control character could break the line, turn it around, or talk to the terminal. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s*[\r\n\t\u2028\u2029]+\s*/g, ' '))
}

/** For a text of several lines. */
export function manyLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** What joins emoji, and a tab, does no harm. */
function visible(text: string): string {
  return text.replace(/(?![\u200d\t])[\p{Cc}\p{Cf}]/gu, (char) => {
    const code = (char.codePointAt(0) as number).toString(16).padStart(2, '0')
    return code.length > 2 ? `\\u{${code}}` : `\\x${code}`
  })
}
