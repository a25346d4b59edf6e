/** From the log's lines to rows on record: read, reckon, strike, record; only then is the striking for good. */
import type { CollectedSet, CollectRequest, RemovalContext } from '@dustpan/core/driver'
import { createdSets } from '../capture/created-sets.ts'
import type { Client } from '../client.ts'
import { keysThere } from '../rows.ts'
import type { Table } from '../tables.ts'
import { changedIn, changedSetsOf, heldLines, lookBack, standingKeys } from './changed-sets.ts'
import { loggedTables } from './inspect.ts'
import { hold, type LineFilter, type LogLine, linesFor, settle, strike } from './log-lines.ts'
import { keyIn } from './logged-keys.ts'
import { type InsertedRow, netRows } from './net-rows.ts'
import { mayBeRenumbered } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'

/** Within a transaction that holds the write lock, so that nobody else takes the same lines. */
export function collectRows(
  client: Client,
  store: string,
  filter: LineFilter,
  request: Pick<CollectRequest, 'isKnown' | 'notCreated' | 'record'>,
  restores: RestoresTable,
  warn: RemovalContext['warn'],
): void {
  const lines = linesFor(client, filter)
  const tables = loggedTables(client)
  const byTable = [...Map.groupBy(lines, ({ table }) => table)].flatMap(([number, its]) => {
    const table = tables.get(number)
    if (!table) return []
    const changes = restores?.(table.name) ? changedIn(client, table, its, filter.run) : []
    return [{ table, changes, ...findable(client, table, netRows(its), filter.run) }]
  })
  const isTouched = touchedByOthers(lines)
  const held = heldLines(byTable)
  const mine = lines.filter((line) => line.mine && !held.has(line))
  for (const { table, changes } of byTable) request.notCreated(store, table.name, standingKeys(changes))
  request.record(
    store,
    byTable.flatMap(({ table, rows, changes }) => [
      ...changedSetsOf(table, changes),
      ...setsOf(client, table, rows, (key) => request.isKnown(store, table.name, key)),
    ]),
  )
  hold(client, [...held])
  for (const one of byTable) lookBack(client, one)
  strike(
    client,
    mine.filter((line) => !isTouched(line)),
  )
  settle(client, mine.filter(isTouched))
  for (const { table, lost } of byTable) if (lost) warn?.('DUSTPAN_ROWS_UNATTRIBUTED', lostMessage(table, lost))
}

/** Why rows cannot be told apart any more. */
type Lost = 'nameless' | 'renumbered'

function findable(
  client: Client,
  table: Table,
  rows: readonly InsertedRow[],
  run: string,
): { readonly rows: readonly InsertedRow[]; readonly lost?: Lost } {
  if (table.bare && rows.length > 0 && mayBeRenumbered(client, run)) return { rows: [], lost: 'renumbered' }
  const named = rows.filter(({ key }) => keyIn(key) !== undefined)
  return named.length < rows.length ? { rows: named, lost: 'nameless' } : { rows }
}

function lostMessage({ name, key }: Table, lost: Lost): string {
  const why: { readonly [reason in Lost]: string } = {
    nameless: `with NULL in the primary key (${key.join(', ')}), which cannot be told apart`,
    renumbered: 'which has no primary key, and may have been renumbered since by VACUUM',
  }
  return `The application wrote rows of ${name} ${why[lost]}: they are not removed`
}

/** One set or more for each scope. */
function setsOf(
  client: Client,
  table: Table,
  rows: readonly InsertedRow[],
  isKnown: (key: Parameters<CollectRequest['isKnown']>[2]) => boolean,
): readonly CollectedSet[] {
  return [...Map.groupBy(rows, ({ line }) => line.scope)].flatMap(([scope, its]) => {
    const keys = its.flatMap(({ key }) => keyIn(key) ?? []).filter(({ json }) => !isKnown(json))
    const sets = createdSets(client, table, keysThere(client, table, keys), undefined)
    return sets.map((set) => ({ ...set, ...(scope === '' ? {} : { scope }) }))
  })
}

/** Lines stay, settled, as long as what others wrote to the same rows is not: only the order of both tells whose a row is. */
function touchedByOthers(lines: readonly LogLine[]): (line: LogLine) => boolean {
  const name = (table: number, key: string | null) => `${table} ${key}`
  const others = new Set(
    lines
      .filter(({ mine, settled }) => !mine && !settled)
      .flatMap(({ table, key, keyNow }) => [name(table, key), ...(keyNow === null ? [] : [name(table, keyNow)])]),
  )
  return ({ table, key, keyNow }) =>
    others.has(name(table, key)) || (keyNow !== null && others.has(name(table, keyNow)))
}
