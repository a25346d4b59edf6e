/**
 * Keys that may have belonged to rows from before the test: a DELETE or TRUNCATE removed rows without showing their keys, they
 * were reported under another name of the table, or a collation treats two keys as equal. An INSERT with such a key may be
 * restoring an old row.
 */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen, serverSeen } from '../identity.ts'
import type { TableName } from '../names.ts'
import type { Table } from '../tables.ts'
import { AlikeKeys } from './alike-keys.ts'

interface Doubt {
  /** It is unknown which rows were removed. */
  all: boolean
  readonly keys: Set<string>
  /** Keys reported as removed, and the table name under which the core knows them. */
  readonly reported: Map<string, string>
  /** Reported keys as a collation may see them. */
  readonly folded: AlikeKeys
}

/** By table name on its server; successive names of one table share an entry. */
const doubts = new Map<string, Doubt>()

/** Servers on which rows of any table may have been removed. */
const doubtfulServers = new Set<string>()

export function noteDoubt(store: StoreSeen, table: TableName, keys: readonly Json[] | 'all'): void {
  const doubt = doubtOf(store, table)
  if (keys === 'all') makeDoubtful(doubt)
  else
    for (const text of keys.map(textOf)) {
      doubt.keys.add(text)
      doubt.reported.delete(text)
    }
}

export function noteDoubtOfAny(store: StoreSeen): void {
  doubtfulServers.add(serverSeen(store))
  for (const [name, doubt] of doubts) if (name.startsWith(`${serverSeen(store)}\0`)) makeDoubtful(doubt)
}

/** Notes rows reported as removed: the core knows their keys, but not other spellings or other names of the table. */
export function noteReported(store: StoreSeen, table: Table, keys: readonly Json[]): void {
  const { reported } = doubtOf(store, table)
  for (const key of keys) reported.set(textOf(key), reportedNameOf(store, table))
  doubtOf(store, table).folded.add(table, keys)
}

/** Notes rows of an emptied table whose counter restarts: only a key that a statement specifies can be one of theirs again. */
export function noteEmptied(store: StoreSeen, table: Table, keys: readonly Json[]): void {
  noteDoubt(store, table, keys)
  doubtOf(store, table).folded.add(table, keys)
}

/** Rows removed under one name may be reinserted under the other. */
export function noteRename(store: StoreSeen, from: TableName, to: TableName): void {
  const [one, other] = [doubtOf(store, from), doubtOf(store, to)]
  const merged: Doubt = {
    all: one.all || other.all,
    keys: one.keys.union(other.keys),
    reported: new Map([...one.reported, ...other.reported]),
    folded: new AlikeKeys().addAll(one.folded).addAll(other.folded),
  }
  for (const [name, doubt] of doubts) if (doubt === one || doubt === other) doubts.set(name, merged)
}

export function isDoubtful(store: StoreSeen, table: Table, key: Json): boolean {
  const doubt = doubts.get(nameOf(store, table))
  const reported = doubt?.reported.get(textOf(key))
  if (reported !== undefined) return reported !== reportedNameOf(store, table)
  if (doubtfulServers.has(serverSeen(store))) return true
  return doubt !== undefined && (doubt.all || doubt.folded.has(table, key) || doubt.keys.has(textOf(key)))
}

/** Whether any key of the table is doubtful. */
export function hasDoubts(store: StoreSeen, table: TableName): boolean {
  return doubtfulServers.has(serverSeen(store)) || (doubts.size > 0 && doubts.has(nameOf(store, table)))
}

/** Whether a row with this key was removed, or may have been: the current row may be an old one. */
export function wasTaken(store: StoreSeen, table: Table, key: Json): boolean {
  return isDoubtful(store, table, key) || doubts.get(nameOf(store, table))?.reported.has(textOf(key)) === true
}

export function forgetDoubts(): void {
  doubts.clear()
  doubtfulServers.clear()
}

/** Keys reported before are doubtful too from now on. */
function makeDoubtful(doubt: Doubt): void {
  doubt.all = true
  doubt.reported.clear()
}

function doubtOf(store: StoreSeen, table: TableName): Doubt {
  const name = nameOf(store, table)
  const found = doubts.get(name) ?? { all: false, keys: new Set(), reported: new Map(), folded: new AlikeKeys() }
  doubts.set(name, found)
  return found
}

/** Folds the case: on some servers, names are case-insensitive. */
function nameOf(store: StoreSeen, { schema, table }: TableName): string {
  return `${serverSeen(store)}\0${schema.toLowerCase()}\0${table.toLowerCase()}`
}

function reportedNameOf(store: StoreSeen, { schema, table }: TableName): string {
  return `${databaseSeen(store)}\0${schema}\0${table}`
}

const textOf = (key: Json): string => JSON.stringify([key].flat().map(String))
