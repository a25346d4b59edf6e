/** Which tables a reset empties, and which of them at one go: the same for every database. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Kinds } from '../options/kinds.ts'
import type { Agreed, Matched, Selection } from '../resource/predicate.ts'
import { namesKind } from '../resource/same-kind.ts'
import { sparedIds } from './ask-kind.ts'
import { type AskedKind, isUnfit, type UnfitKind } from './asked-kinds.ts'
import { unfit } from './searched-kinds.ts'
import { idOf, type ReferredTable } from './table-groups.ts'

/** A table as a kind without conditions: all of its rows but those that stay. Undefined: it stays. `aside`: unless it is named. */
export function kindToReset(
  table: string,
  aside: boolean,
  kinds: Kinds,
  { predicate: { types, except = [] }, spared }: Selection,
  sameTable: (a: string, b: string) => boolean,
): Omit<AskedKind<never, never>, 'table'> | undefined {
  const names = namesOf(table, kinds, sameTable)
  // Where a kind is called as a table that is not its own, the name means the kind.
  const isAnothers = (name: string) => Object.hasOwn(kinds, name) && !sameTable(kinds[name]?.table ?? name, table)
  const isMeant = types ? names.some((name) => types.includes(name) && !isAnothers(name)) : !aside
  if (!isMeant || namesKind(except, names) || namesKind(spared.types, names)) return undefined
  const [type = table] = names
  return { type, method: 'hard', conditions: [], spared: sparedIds(names, spared), set: undefined }
}

/** What its kinds are called, if it has any, and what the table is. */
function namesOf(table: string, kinds: Kinds, sameTable: (a: string, b: string) => boolean): readonly string[] {
  const its = Object.entries(kinds).filter(([name, options]) => sameTable(options.table ?? name, table))
  return [...new Set([...its.map(([name]) => name), table])]
}

export interface ResetParts<Kind> {
  /** Nothing that stays refers to them. */
  readonly emptied: readonly Kind[]
  /** Rows of these stay, or may be referred to by rows that stay: they go one by one. */
  readonly picked: readonly (Kind | UnfitKind)[]
}

/** A table can be emptied at one go when all that refer to it are as well. `canBeEmptied`: none of its own rows stays. */
export function resetParts<Kind extends { readonly table: ReferredTable }>(
  kinds: readonly (Kind | UnfitKind)[],
  canBeEmptied: (kind: Kind) => boolean,
): ResetParts<Kind> {
  const emptied = referredWithin(
    kinds.flatMap((kind) => (isUnfit(kind) || !canBeEmptied(kind) ? [] : [kind])),
    ({ table }) => idOf(table),
    ({ table }) => table.referencedBy.map(idOf),
  )
  return { emptied, picked: kinds.filter((kind) => !emptied.includes(kind as Kind)) }
}

/** Those to which nothing refers but one another, so that they can be emptied together. */
export function referredWithin<Kind>(
  kinds: readonly Kind[],
  nameOf: (kind: Kind) => string,
  referrersOf: (kind: Kind) => readonly string[],
): readonly Kind[] {
  const names = new Set(kinds.map(nameOf))
  const within = kinds.filter((kind) => referrersOf(kind).every((name) => names.has(name)))
  return within.length === kinds.length ? kinds : referredWithin(within, nameOf, referrersOf)
}

type Kind = Pick<Matched, 'type'>

/** `counts`: how many rows were in their tables. */
export function emptiedKinds(kinds: readonly Kind[], counts: readonly number[]): readonly Matched[] {
  return kinds.map(({ type }, index) => ({ type, count: counts[index] ?? 0, method: 'hard' }))
}

export function notEmptied(kinds: readonly Kind[], error: DustpanError): readonly Matched[] {
  return kinds.map(({ type }) => unfit({ type, error }))
}

/** Between the count and the reset there came more: none of the tables is emptied. */
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
