/**
 * Keys that a row may have had before the test: a DELETE or TRUNCATE took rows without telling which, it told them by another name of the table,
 * or a collation knows two keys as one. Who inserts one again may be putting back what was there.
 */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen, serverSeen } from '../identity.ts'
import type { TableName } from '../names.ts'
import type { Table } from '../tables.ts'
import { AlikeKeys } from './alike-keys.ts'

interface Doubt {
  /** Nobody knows which rows went. */
  all: boolean
  readonly keys: Set<string>
  /** Keys that were told to go, and the name by which the core knows of it. */
  readonly told: Map<string, string>
  /** As a collation may see a key that was told. */
  readonly alike: AlikeKeys
}

/** By the table's name on its server; names that it had one after the other share one. */
const doubts = new Map<string, Doubt>()

/** Servers on which rows of any table may have gone. */
const unseen = new Set<string>()

export function noteDoubt(store: StoreSeen, table: TableName, keys: readonly Json[] | 'all'): void {
  const doubt = doubtOf(store, table)
  if (keys === 'all') makeDoubtful(doubt)
  else
    for (const text of keys.map(textOf)) {
      doubt.keys.add(text)
      doubt.told.delete(text)
    }
}

export function noteDoubtOfAny(store: StoreSeen): void {
  unseen.add(serverSeen(store))
  for (const [name, doubt] of doubts) if (name.startsWith(`${serverSeen(store)}\0`)) makeDoubtful(doubt)
}

/** Rows that were told to go: they are known by their keys, but not in another spelling, nor by another name of the table. */
export function noteTold(store: StoreSeen, table: Table, keys: readonly Json[]): void {
  const { told } = doubtOf(store, table)
  for (const key of keys) told.set(textOf(key), tellingOf(store, table))
  doubtOf(store, table).alike.add(table, keys)
}

/** Rows went with all others of the table, whose numbers begin anew: only a key that a statement gives is one of theirs again. */
export function noteEmptied(store: StoreSeen, table: Table, keys: readonly Json[]): void {
  noteDoubt(store, table, keys)
  doubtOf(store, table).alike.add(table, keys)
}

/** What went by one name may come again by the other. */
export function noteRename(store: StoreSeen, from: TableName, to: TableName): void {
  const [one, other] = [doubtOf(store, from), doubtOf(store, to)]
  const both: Doubt = {
    all: one.all || other.all,
    keys: one.keys.union(other.keys),
    told: new Map([...one.told, ...other.told]),
    alike: new AlikeKeys().addAll(one.alike).addAll(other.alike),
  }
  for (const [name, doubt] of doubts) if (doubt === one || doubt === other) doubts.set(name, both)
}

export function isDoubtful(store: StoreSeen, table: Table, key: Json): boolean {
  const doubt = doubts.get(nameOf(store, table))
  const told = doubt?.told.get(textOf(key))
  if (told !== undefined) return told !== tellingOf(store, table)
  if (unseen.has(serverSeen(store))) return true
  return doubt !== undefined && (doubt.all || doubt.alike.has(table, key) || doubt.keys.has(textOf(key)))
}

/** Whether anything of the table is in doubt. */
export function hasDoubts(store: StoreSeen, table: TableName): boolean {
  return unseen.has(serverSeen(store)) || (doubts.size > 0 && doubts.has(nameOf(store, table)))
}

/** Whether a row of the key was taken by a test, or may have been: what has it now may be what was there. */
export function wasTaken(store: StoreSeen, table: Table, key: Json): boolean {
  return isDoubtful(store, table, key) || doubts.get(nameOf(store, table))?.told.has(textOf(key)) === true
}

export function forgetDoubts(): void {
  doubts.clear()
  unseen.clear()
}

/** What was told before is as doubtful from now on. */
function makeDoubtful(doubt: Doubt): void {
  doubt.all = true
  doubt.told.clear()
}

function doubtOf(store: StoreSeen, table: TableName): Doubt {
  const name = nameOf(store, table)
  const found = doubts.get(name) ?? { all: false, keys: new Set(), told: new Map(), alike: new AlikeKeys() }
  doubts.set(name, found)
  return found
}

/** Some servers know names in any case as one. */
function nameOf(store: StoreSeen, { schema, table }: TableName): string {
  return `${serverSeen(store)}\0${schema.toLowerCase()}\0${table.toLowerCase()}`
}

function tellingOf(store: StoreSeen, { schema, table }: TableName): string {
  return `${databaseSeen(store)}\0${schema}\0${table}`
}

const textOf = (key: Json): string => JSON.stringify([key].flat().map(String))
