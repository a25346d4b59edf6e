/** Selects the tables that a reset empties, and which of them can be emptied in one statement: the same for every database. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Kinds } from '../options/kinds.ts'
import type { Agreed, Matched, Selection } from '../resource/predicate.ts'
import { namesKind } from '../resource/same-kind.ts'
import { sparedIds } from './ask-kind.ts'
import { type AskedKind, isUnfit, type UnfitKind } from './asked-kinds.ts'
import { unfit } from './searched-kinds.ts'
import { idOf, type ReferredTable } from './table-groups.ts'

/** A table as a kind without conditions: all of its rows except kept ones. Undefined: it is not reset. `aside`: only reset if named. */
export function kindToReset(
  table: string,
  aside: boolean,
  kinds: Kinds,
  { predicate: { types, except = [] }, spared }: Selection,
  sameTable: (a: string, b: string) => boolean,
): Omit<AskedKind<never, never>, 'table'> | undefined {
  const names = namesOf(table, kinds, sameTable)
  // If a kind has the name of another table, the name refers to the kind.
  const isOfOtherTable = (name: string) => Object.hasOwn(kinds, name) && !sameTable(kinds[name]?.table ?? name, table)
  const isSelected = types ? names.some((name) => types.includes(name) && !isOfOtherTable(name)) : !aside
  if (!isSelected || namesKind(except, names) || namesKind(spared.types, names)) return undefined
  const [type = table] = names
  return { type, method: 'hard', conditions: [], spared: sparedIds(names, spared), set: undefined }
}

/** The names of its kinds, if any, and the table's own. */
function namesOf(table: string, kinds: Kinds, sameTable: (a: string, b: string) => boolean): readonly string[] {
  const ownKinds = Object.entries(kinds).filter(([name, options]) => sameTable(options.table ?? name, table))
  return [...new Set([...ownKinds.map(([name]) => name), table])]
}

export interface ResetParts<Kind> {
  /** No kept row refers to them. */
  readonly emptied: readonly Kind[]
  /** Some of their rows are kept, or may be referenced by kept rows: removed row by row. */
  readonly picked: readonly (Kind | UnfitKind)[]
}

/**
 * A table can be emptied in one statement if all tables that refer to it are too. `canBeEmptied`: none of its own rows is kept.
 */
export function resetParts<Kind extends { readonly table: ReferredTable }>(
  kinds: readonly (Kind | UnfitKind)[],
  canBeEmptied: (kind: Kind) => boolean,
): ResetParts<Kind> {
  const emptied = referencedOnlyByEachOther(
    kinds.flatMap((kind) => (isUnfit(kind) || !canBeEmptied(kind) ? [] : [kind])),
    ({ table }) => idOf(table),
    ({ table }) => table.referencedBy.map(idOf),
  )
  return { emptied, picked: kinds.filter((kind) => !emptied.includes(kind as Kind)) }
}

/** Kinds that are only referenced by each other, so that they can be emptied together. */
export function referencedOnlyByEachOther<Kind>(
  kinds: readonly Kind[],
  nameOf: (kind: Kind) => string,
  referrersOf: (kind: Kind) => readonly string[],
): readonly Kind[] {
  const names = new Set(kinds.map(nameOf))
  const within = kinds.filter((kind) => referrersOf(kind).every((name) => names.has(name)))
  return within.length === kinds.length ? kinds : referencedOnlyByEachOther(within, nameOf, referrersOf)
}

type Kind = Pick<Matched, 'type'>

/** `counts`: how many rows were in their tables. */
export function emptiedKinds(kinds: readonly Kind[], counts: readonly number[]): readonly Matched[] {
  return kinds.map(({ type }, index) => ({ type, count: counts[index] ?? 0, method: 'hard' }))
}

export function notEmptied(kinds: readonly Kind[], error: DustpanError): readonly Matched[] {
  return kinds.map(({ type }) => unfit({ type, error }))
}

/** More rows were found at the reset than were counted: none of the tables is emptied. */
export function moreToEmpty(
  kinds: readonly Kind[],
  counts: readonly number[],
  agreed: Agreed,
): DustpanError | undefined {
  const more = kinds.filter(({ type }, index) => (counts[index] ?? 0) > (agreed.get(type) ?? 0))
  if (more.length === 0) return undefined
  const types = more.map(({ type }) => type).join(', ')
  return new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    `No table was emptied: there are more rows in ${types} than were counted before`,
    { hint: 'Rows were added meanwhile; run the plan again' },
  )
}
