/**
 * Keys that a row may have had before the test: a DELETE or TRUNCATE took rows without telling which, or a collation knows two keys as one. Who inserts
 * one again may be putting back what was there.
 */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import type { Table } from '../tables.ts'

interface Doubt {
  /** Nobody knows which rows went. */
  all: boolean
  readonly keys: Set<string>
  /** As a collation may see a key that was told: the keys themselves. */
  readonly alike: Map<string, Set<string>>
}

const doubts = new Map<string, Doubt>()

export function noteDoubt(store: StoreSeen, table: Table, keys: readonly Json[] | 'all'): void {
  if (table.key.length === 0) return
  const doubt = doubtOf(store, table)
  if (keys === 'all') doubt.all = true
  else for (const key of keys) doubt.keys.add(textOf(key))
}

/** Rows that were told to go: they are known by their keys, but not in another spelling. */
export function noteTold(store: StoreSeen, table: Table, keys: readonly Json[]): void {
  if (!table.key.some(({ charset }) => charset !== null)) return
  const { alike } = doubtOf(store, table)
  for (const key of keys) {
    const folded = foldedOf(key)
    alike.set(folded, (alike.get(folded) ?? new Set()).add(textOf(key)))
  }
}

export function isDoubtful(store: StoreSeen, table: Table, key: Json): boolean {
  const doubt = doubts.get(nameOf(store, table))
  if (!doubt) return false
  const told = doubt.alike.get(foldedOf(key))
  if (told?.has(textOf(key))) return false
  return doubt.all || told !== undefined || doubt.keys.has(textOf(key))
}

/** Whether anything of the table is in doubt. */
export function hasDoubts(store: StoreSeen, table: Table): boolean {
  return doubts.has(nameOf(store, table))
}

function doubtOf(store: StoreSeen, table: Table): Doubt {
  const name = nameOf(store, table)
  const found = doubts.get(name) ?? { all: false, keys: new Set(), alike: new Map() }
  doubts.set(name, found)
  return found
}

function nameOf(store: StoreSeen, { schema, table }: Table): string {
  return `${databaseSeen(store)}\0${schema}\0${table}`
}

const textOf = (key: Json): string => JSON.stringify([key].flat().map(String))

/** No collation tells more texts for one than this. */
function foldedOf(key: Json): string {
  return textOf(
    [key].flat().map((part) => String(part).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trimEnd()),
  )
}
