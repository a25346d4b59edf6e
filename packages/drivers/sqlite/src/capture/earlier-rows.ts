/**
 * Remembers rows that no test created, in tables which this process dropped or renamed. A new table of that name may contain the
 * same rows again: under their keys, which are reported to the sink, or renumbered.
 */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { type Key, keyOf } from '../keys.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import { foldCase, type Table } from '../tables.ts'

/** Maximum number of keys read per table. */
const maxKeys = 10_000

export interface ExistingRows {
  /** Undefined: too many to read. */
  readonly keys: readonly Key[] | undefined
  readonly count: number
  /** The greatest numeric key, if there were too many keys to read. */
  readonly highest: number
}

export function readExistingRows(client: Client, table: Table): ExistingRows {
  const columns = table.key.map((column, i) => `${quoted(column)} AS k${i}`).join(', ')
  const rows = client.all(`SELECT ${columns} FROM ${tableName(table)} LIMIT ${maxKeys + 1}`)
  if (rows.length <= maxKeys) {
    const keys = rows.flatMap((row) => keyOf(table.key.map((_, i) => row[`k${i}`] ?? null)) ?? [])
    return { keys, count: rows.length, highest: 0 }
  }
  const [all] = client.all(
    `SELECT max(${quoted(table.key[0] ?? '')}) AS highest, count(*) AS n FROM ${tableName(table)}`,
  )
  return { keys: undefined, count: Number(all?.n), highest: Number(all?.highest) || 0 }
}

interface Earlier {
  /** No earlier row has a greater number, even if they were renumbered. */
  readonly highest: number
  readonly isUnread: boolean
  /** Keys of rows that belonged to tests by then. */
  readonly own: ReadonlySet<string>
  /** The rows still exist, under another table name. */
  readonly isElsewhere: boolean
}

/** Earlier rows by store and table name. */
const known = new Map<string, Earlier>()
const placeOf = ({ id }: StoreSeen, name: string): string => `${id}\n${foldCase(name)}`

export function rememberRows(
  sink: CaptureSink,
  store: StoreSeen,
  name: string,
  { keys, count, highest }: ExistingRows,
  isElsewhere: boolean,
): void {
  const isOwn = ({ json }: Key) => sink.onRecord(store, name, json) !== undefined
  const foreign = keys?.filter((key) => !isOwn(key)) ?? []
  if (keys !== undefined && foreign.length === 0) return
  const numbers = foreign.flatMap(({ json }) => (typeof json === 'number' ? [json] : []))
  const rowCount = keys === undefined ? count : foreign.length
  const before = known.get(placeOf(store, name))
  known.set(placeOf(store, name), {
    highest: numbers.reduce((max, value) => Math.max(max, value), Math.max(rowCount, highest, before?.highest ?? 0)),
    isUnread: keys === undefined || before?.isUnread === true,
    own: new Set(keys?.filter(isOwn).map(({ json }) => JSON.stringify(json))),
    isElsewhere,
  })
  const left = foreign.map(({ json }) => json)
  if (left.length > 0) sink.removed(store, name, left)
}

/** The keys that are certainly new rows; warns about the others, unless the sink knows them by their keys. */
export function certainlyNew(
  sink: CaptureSink,
  store: StoreSeen,
  { name }: Table,
  keys: readonly Key[],
  copies: boolean,
  isRenamed = false,
): readonly Key[] {
  const earlier = known.size === 0 ? undefined : known.get(placeOf(store, name))
  if (earlier === undefined || keys.length === 0) return keys
  const isKnownToSink = ({ json }: Key) => sink.wasThere?.(store, name, json) === true
  const certain = keys.filter((key) => isKnownToSink(key) || isNew(earlier, key, copies))
  const isDoubtful = certain.length < keys.length || (isRenamed && earlier.isElsewhere && keys.some(isKnownToSink))
  if (isDoubtful) sink.warn('DUSTPAN_SQL_UNATTRIBUTED', name, doubtfulMessage(name))
  return certain.length < keys.length ? certain : keys
}

function isNew({ highest, isUnread, own }: Earlier, { json }: Key, copies: boolean): boolean {
  if (typeof json === 'number') return json > highest
  return own.has(JSON.stringify(json)) || !(copies || isUnread)
}

function doubtfulMessage(name: string): string {
  return `A table ${name} was dropped or renamed, and there is another one: rows in it that may be those that were there before are not tracked.`
}
