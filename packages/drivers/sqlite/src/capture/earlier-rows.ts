/**
 * Rows that were in tables which this process dropped or renamed, and that no test had made. What is put under the name of such a table may be
 * the same rows again: under their keys, which the sink is told of, or numbered anew.
 */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { type Key, keyOf } from '../keys.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import { foldCase, type Table } from '../tables.ts'

/** How many keys of a table are read. */
const most = 10_000

export interface RowsThere {
  /** Undefined: there are too many. */
  readonly keys: readonly Key[] | undefined
  readonly count: number
  /** The greatest that is a number, where they were too many. */
  readonly highest: number
}

export function rowsThere(client: Client, table: Table): RowsThere {
  const columns = table.key.map((column, i) => `${quoted(column)} AS k${i}`).join(', ')
  const rows = client.all(`SELECT ${columns} FROM ${tableName(table)} LIMIT ${most + 1}`)
  if (rows.length <= most) {
    const keys = rows.flatMap((row) => keyOf(table.key.map((_, i) => row[`k${i}`] ?? null)) ?? [])
    return { keys, count: rows.length, highest: 0 }
  }
  const [all] = client.all(
    `SELECT max(${quoted(table.key[0] ?? '')}) AS highest, count(*) AS n FROM ${tableName(table)}`,
  )
  return { keys: undefined, count: Number(all?.n), highest: Number(all?.highest) || 0 }
}

interface Earlier {
  /** No row of theirs would have a greater number, even if they were numbered anew. */
  readonly highest: number
  readonly isUnread: boolean
  /** Keys of rows that were tests' own by then. */
  readonly own: ReadonlySet<string>
  /** They are there still, under another name. */
  readonly isElsewhere: boolean
}

/** By store and name. */
const known = new Map<string, Earlier>()
const placeOf = ({ id }: StoreSeen, name: string): string => `${id}\n${foldCase(name)}`

export function rememberRows(
  sink: CaptureSink,
  store: StoreSeen,
  name: string,
  { keys, count, highest }: RowsThere,
  isElsewhere: boolean,
): void {
  const isOwn = ({ json }: Key) => sink.onRecord(store, name, json) !== undefined
  const strange = keys?.filter((key) => !isOwn(key)) ?? []
  if (keys !== undefined && strange.length === 0) return
  const numbers = strange.flatMap(({ json }) => (typeof json === 'number' ? [json] : []))
  const number = keys === undefined ? count : strange.length
  const before = known.get(placeOf(store, name))
  known.set(placeOf(store, name), {
    highest: numbers.reduce((most, one) => Math.max(most, one), Math.max(number, highest, before?.highest ?? 0)),
    isUnread: keys === undefined || before?.isUnread === true,
    own: new Set(keys?.filter(isOwn).map(({ json }) => JSON.stringify(json))),
    isElsewhere,
  })
  const left = strange.map(({ json }) => json)
  if (left.length > 0) sink.removed(store, name, left)
}

/** Those that are not such rows; of others there is a warning, where the sink does not know them by their keys. */
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
  const isTold = ({ json }: Key) => sink.wasThere?.(store, name, json) === true
  const certain = keys.filter((key) => isTold(key) || isNew(earlier, key, copies))
  const isDoubtful = certain.length < keys.length || (isRenamed && earlier.isElsewhere && keys.some(isTold))
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
