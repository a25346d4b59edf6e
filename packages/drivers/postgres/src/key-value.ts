import type { Json } from '@dustpan/core/driver'

export interface TypedColumn {
  readonly name: string
  readonly type: string
}

export interface NumberedColumn extends TypedColumn {
  /** Its attribute number in the table, whatever its name. */
  readonly number: number
}

const integers = new Set(['int2', 'int4', 'int8', 'oid'])

/** Integers become numbers where they are safe integers; everything else stays the server's own text. */
export function keyValue({ type }: TypedColumn, text: string | null): Json {
  if (text === null || !integers.has(type)) return text
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** A scalar, or an array for a composite key. */
export function keyOf(columns: readonly TypedColumn[], texts: readonly (string | null)[]): Json {
  const values = columns.map((column, index) => keyValue(column, texts[index] ?? null))
  return values.length === 1 ? (values[0] ?? null) : values
}
