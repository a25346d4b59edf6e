/** The lines below a resource that tell why it is as it is. */
import kleur from 'kleur'
import { oneLine, wrap } from './columns.ts'

export interface ExplainOptions {
  readonly width: number
  readonly indent: string
  readonly paint: (text: string) => string
}

/** Message and code, then the hint; broken between words where the terminal is narrow. */
export function explainError(
  { message, code, hint }: { readonly message: string; readonly code: string; readonly hint?: string | undefined },
  { width, indent, paint }: ExplainOptions,
): string[] {
  const lines = wrap(oneLine(message), width - indent.length)
  const last = lines.length - 1
  const fits = indent.length + (lines[last] as string).length + 2 + code.length <= width
  const told = lines.map((line, i) => `${indent}${paint(line)}${fits && i === last ? `  ${kleur.dim(code)}` : ''}`)
  return [...told, ...(fits ? [] : [`${indent}${kleur.dim(code)}`]), ...explainText(hint, { width, indent })]
}

export function explainText(text: string | undefined, { width, indent }: Omit<ExplainOptions, 'paint'>): string[] {
  return text === undefined
    ? []
    : wrap(oneLine(text), width - indent.length).map((line) => `${indent}${kleur.dim(line)}`)
}
