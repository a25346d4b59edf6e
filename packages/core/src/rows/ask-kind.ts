/** Which kinds of rows a predicate means, and whether each can answer: the same for every database. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { type ColumnsOfKind, type Condition, conditionsOf, type KindOptions, type Kinds } from '../options/kinds.ts'
import type { Predicate, Selection } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'

export interface NamedKind {
  readonly type: string
  /** As the options or the question write it. */
  readonly table: string
  readonly options: KindOptions
  /** The options name it. */
  readonly configured: boolean
}

/**
 * Those of the options; tables that carry the run of each row (`marked`); and tables that are named as they are. `sameTable` compares names as
 * the database does.
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
  /** What the table itself is called. */
  readonly name: string
  readonly hasKey: boolean
}

export interface AskableKind {
  readonly conditions: readonly Condition[]
  /** Keys of rows that stay. */
  readonly spared: readonly Json[]
}

/** What a row must pass. Undefined: the kind is not named, and has not what is asked for. */
export function askKind(
  { type, table: written, options }: NamedKind,
  table: TableOfKind,
  selection: Selection,
): AskableKind | { readonly error: DustpanError } | undefined {
  const { predicate, spared } = selection
  const names = [type, written, table.name]
  if (namesKind(spared.types, names)) return { error: protectedType(type) }
  const asked = conditionsOf(options, selection, table)
  if ('missing' in asked) {
    if (!asked.configured && !predicate.types?.includes(type)) return undefined
    return { error: unfitKind(type, lacking(table, asked)) }
  }
  if (!table.hasKey) return { error: withoutKey(table.name) }
  return { conditions: asked.conditions, spared: sparedIds(names, spared) }
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

/** A column that cannot be compared with what is asked for. `what`: `is no time, but text`. */
export function unfitColumn(table: string, column: string, what: string): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${table} was left alone: its column ${column} ${what}`, {
    hint: "Correct it in the driver's option kinds",
  })
}

const parts: ReadonlySet<string> = new Set(['run', 'tag', 'owner', 'createdAt'])

function lacking({ name }: TableOfKind, { missing, configured }: { missing: string; configured: boolean }): string {
  const isPart = !configured && parts.has(missing)
  return isPart ? `no column of ${name} is configured as its ${missing}` : `${name} has no column ${missing}`
}

/** The kind is one of those that stay. */
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
