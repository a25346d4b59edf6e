/**
 * The text by which a key's value goes on record: that of its type's own output, so that it comes back as the same value. A cast to text gives
 * another one for some types (`true` for `t`, `10.0.0.9/32` for `10.0.0.9`, `ab` for a `char(4)`), and one row would be known by two keys.
 */
import type { TypedColumn } from './key-value.ts'

/** Types whose values a session may have written otherwise, in a form that no session changes. It is that of Dustpan's own sessions. */
const fixed: { readonly [type: string]: ((value: string) => string) | undefined } = {
  date: (value) => `(to_jsonb(${value}) #>> '{}')`,
  timestamp: spaced,
  timestamptz: (value) =>
    `CASE WHEN isfinite(${value}) THEN replace(concat(${spaced(`${value} AT TIME ZONE 'UTC'`)}, '+00'), ' BC+00', '+00 BC') ELSE ${output(value)} END`,
  bytea: (value) => `concat(chr(92), 'x', encode(${value}, 'hex'))`,
}

/** Types that a cast to text writes as their own output does, whatever the session. */
const plain = new Set(['int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'uuid', 'numeric'])

type Typed = Pick<TypedColumn, 'type'>

export const isPlain = ({ type }: Typed): boolean => plain.has(bare(type))

/** Whether no session writes the type's values otherwise than {@link keyText} does. */
export const isFixed = (column: Typed): boolean => isPlain(column) || Object.hasOwn(fixed, bare(column.type))

/** An expression for the text. A key is compared as its own type; only its text travels. */
export function keyText(column: Typed, value: string): string {
  if (isPlain(column)) return `${value}::text`
  const type = bare(column.type)
  return (Object.hasOwn(fixed, type) ? fixed[type] : undefined)?.(value) ?? output(value)
}

/** Those whose names are words of SQL come in quotes. */
const bare = (type: string): string => type.replaceAll('"', '')

/** By the schema, as somebody may have a `concat` of their own for one type. */
function output(value: string): string {
  return `pg_catalog.concat(${value})`
}

function spaced(value: string): string {
  return `replace(to_jsonb(${value}) #>> '{}', 'T', ' ')`
}

/** How Dustpan's own sessions write, whatever the database or the role has; days and months in a text that somebody gave keep their order. */
export const ownStyle = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
} as const
