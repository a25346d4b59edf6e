/** Renders the lines below a resource that explain its state. */
import kleur from 'kleur'
import { oneLine, wrap } from './columns.ts'

export interface ExplainOptions {
  readonly width: number
  readonly indent: string
  readonly paint: (text: string) => string
}

/** Message and code, then the hint; wrapped between words. */
export function explainError(
  { message, code, hint }: { readonly message: string; readonly code: string; readonly hint?: string | undefined },
  { width, indent, paint }: ExplainOptions,
): string[] {
  const lines = wrap(oneLine(message), width - indent.length)
  const last = lines.length - 1
  const fits = indent.length + (lines[last] as string).length + 2 + code.length <= width
  const messageLines = lines.map(
    (line, i) => `${indent}${paint(line)}${fits && i === last ? `  ${kleur.dim(code)}` : ''}`,
  )
  return [...messageLines, ...(fits ? [] : [`${indent}${kleur.dim(code)}`]), ...explainText(hint, { width, indent })]
}

export function explainText(text: string | undefined, { width, indent }: Omit<ExplainOptions, 'paint'>): string[] {
  return text === undefined
    ? []
    : wrap(oneLine(text), width - indent.length).map((line) => `${indent}${kleur.dim(line)}`)
}
