/**
 * The text form of a key value in records: the output of its type, so that it reads back as the same value. A cast to text
 * differs for some types (`true` for `t`, `10.0.0.9/32` for `10.0.0.9`, `ab` for a `char(4)`), and one row would be known
 * by two keys.
 */
import type { TypedColumn } from './key-value.ts'

/**
 * Types whose output depends on session settings, with expressions that do not: they give the form that Dustpan's own
 * sessions write.
 */
const fixed: { readonly [type: string]: ((value: string) => string) | undefined } = {
  date: (value) => `(to_jsonb(${value}) #>> '{}')`,
  timestamp: spaced,
  timestamptz: (value) =>
    `CASE WHEN isfinite(${value}) THEN replace(concat(${spaced(`${value} AT TIME ZONE 'UTC'`)}, '+00'), ' BC+00', '+00 BC') ELSE ${output(value)} END`,
  bytea: (value) => `concat(chr(92), 'x', encode(${value}, 'hex'))`,
}

/** Types for which a cast to text equals their own output in every session. */
const plain = new Set(['int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'uuid', 'numeric'])

type Typed = Pick<TypedColumn, 'type'>

export const isPlain = ({ type }: Typed): boolean => plain.has(bare(type))

/** Whether every session writes the type's values as {@link keyText} does. */
export const isFixed = (column: Typed): boolean => isPlain(column) || Object.hasOwn(fixed, bare(column.type))

/** An SQL expression for the text form. Keys are compared as their own type; only the text is transferred. */
export function keyText(column: Typed, value: string): string {
  if (isPlain(column)) return `${value}::text`
  const type = bare(column.type)
  return (Object.hasOwn(fixed, type) ? fixed[type] : undefined)?.(value) ?? output(value)
}

/** Type names that are SQL keywords come quoted. */
const bare = (type: string): string => type.replaceAll('"', '')

/** Qualified with the schema, because a user may have defined a `concat` for one type. */
function output(value: string): string {
  return `pg_catalog.concat(${value})`
}

function spaced(value: string): string {
  return `replace(to_jsonb(${value}) #>> '{}', 'T', ' ')`
}

/**
 * Output settings of Dustpan's own sessions, whatever the database or the role has set. The order of days and months in
 * text given by the user is kept.
 */
export const ownStyle = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
} as const
