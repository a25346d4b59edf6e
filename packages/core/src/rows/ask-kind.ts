/** Selects the kinds of rows for a predicate, and checks whether each supports it: the same for every database. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { type ColumnsOfKind, type Condition, conditionsOf, type KindOptions, type Kinds } from '../options/kinds.ts'
import type { Predicate, Selection } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'

export interface NamedKind {
  readonly type: string
  /** As written in the options or the predicate. */
  readonly table: string
  readonly options: KindOptions
  /** Whether the options configure it. */
  readonly configured: boolean
}

/**
 * Kinds from the options; tables that have a run column (`marked`); and tables that the predicate names directly. `sameTable`
 * compares names as the database does.
 */
export function kindsNamed(
  kinds: Kinds,
  { types, except = [] }: Predicate,
  marked: readonly string[],
  sameTable: (a: string, b: string) => boolean,
): readonly NamedKind[] {
  const configured = Object.entries(kinds).map(([type, options]) => ({
    ...{ type, table: options.table ?? type, options },
    configured: true,
  }))
  const others = [...marked, ...(types ?? [])].filter(
    (name, i, all) =>
      all.indexOf(name) === i && !Object.hasOwn(kinds, name) && !configured.some(({ table }) => sameTable(table, name)),
  )
  const all = [...configured, ...others.map((name) => ({ type: name, table: name, options: {}, configured: false }))]
  return all.filter(({ type, table }) => (types?.includes(type) ?? true) && !namesKind(except, [type, table]))
}

export interface TableOfKind extends ColumnsOfKind {
  /** The table's own name. */
  readonly name: string
  readonly hasKey: boolean
}

export interface AskableKind {
  readonly conditions: readonly Condition[]
  /** Keys of rows that are kept. */
  readonly spared: readonly Json[]
}

/** The conditions for a row. Undefined: the kind is not named, and lacks a column for the predicate. */
export function selectKind(
  { type, table: writtenName, options }: NamedKind,
  table: TableOfKind,
  selection: Selection,
): AskableKind | { readonly error: DustpanError } | undefined {
  const { predicate, spared } = selection
  const names = [type, writtenName, table.name]
  if (namesKind(spared.types, names)) return { error: protectedType(type) }
  const found = conditionsOf(options, selection, table)
  if ('missing' in found) {
    if (!found.configured && !predicate.types?.includes(type)) return undefined
    return { error: unfitKind(type, missingText(table, found)) }
  }
  if (!table.hasKey) return { error: withoutKey(table.name) }
  return { conditions: found.conditions, spared: sparedIds(names, spared) }
}

export function sparedIds(names: readonly string[], { ids }: Selection['spared']): readonly Json[] {
  return Object.entries(ids).flatMap(([name, some]) => (namesKind([name], names) ? some : []))
}

/** `why`: `there is no table users`. */
export function unfitKind(type: string, why: string): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${type} does not support this filter: ${why}.`, {
    hint: `Configure it in the driver options: kinds: { ${JSON.stringify(type)}: { table, owner, tag, run, createdAt } }.`,
  })
}

/** For a column that cannot be compared with the predicate's value. `what`: `is no time, but text`. */
export function unfitColumn(table: string, column: string, what: string): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${table} was left alone: its column ${column} ${what}`, {
    hint: "Correct it in the driver's option kinds",
  })
}

const parts: ReadonlySet<string> = new Set(['run', 'tag', 'owner', 'createdAt'])

function missingText({ name }: TableOfKind, { missing, configured }: { missing: string; configured: boolean }): string {
  const isPart = !configured && parts.has(missing)
  return isPart ? `no column of ${name} is configured as its ${missing}` : `${name} has no column ${missing}`
}

/** For a protected kind. */
export function protectedType(type: string): DustpanError {
  return new DustpanError('DUSTPAN_PROTECTED', `The kind ${type} was left alone: the setting protect.types lists it.`, {
    hint: 'If tests may delete it, remove it from protect.types.',
  })
}

function withoutKey(name: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_NO_PRIMARY_KEY',
    `${name} was left alone: it has no primary key, so its rows cannot be told apart.`,
  )
}
