/** Keys that are equal although they are written differently: `10.5` and `10.50`, `Ann@x.org` and `ann@x.org`. */
import type { Json } from '@dustpan/core/driver'
import type { KeyColumn } from '../rewriting/table-facts.ts'

/** Types whose equal values may be written differently: `10.5` and `10.50`, `1 day` and `24:00:00`, `0` and `-0`. */
const looselyWritten = new Set(['numeric', 'bpchar', 'float4', 'float8', 'interval', 'jsonb', 'citext', 'other'])
/** Those of them that are written in one way where the column has a length or scale. */
const uniformIfSized = new Set(['numeric', 'bpchar'])

/** Whether keys with different texts may be equal: another text may then be the key of the same row. */
export function hasSeveralTexts({ deterministic, holds, sized }: KeyColumn): boolean {
  return !deterministic || holds.some((type) => looselyWritten.has(type) && !(sized && uniformIfSized.has(type)))
}

/**
 * A text that is the same for all equal keys. Undefined if it cannot be determined: then another key may be equal to this
 * one.
 */
export function canonicalKey(columns: readonly KeyColumn[], key: Json): string | undefined {
  if (!columns.some(hasSeveralTexts)) return JSON.stringify(key)
  const parts = columns.length === 1 ? [key] : (key as readonly Json[])
  const texts = columns.map((column, index) => canonicalText(column, String(parts[index])))
  return texts.includes(undefined) ? undefined : JSON.stringify(texts)
}

function canonicalText(column: KeyColumn, text: string): string | undefined {
  if (!hasSeveralTexts(column)) return text
  if (!column.deterministic) return undefined
  // Types of an extension come with their schema, and names that are keywords in quotes.
  const type = column.type.replaceAll('"', '').replace(/^.*\.citext$/, 'citext')
  return Object.hasOwn(canonicalForms, type) ? canonicalForms[type]?.(text) : undefined
}

const canonicalForms: { readonly [type: string]: ((text: string) => string | undefined) | undefined } = {
  numeric: (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text),
  // Which other letters are equal depends on the locale of the database: in Turkish, `I` is the capital of `ı`.
  citext: (text) => (/^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : undefined),
}
