/** Turns log lines into recorded rows: reads, computes net rows, records, then strikes the lines. */
import type { CollectedSet, CollectRequest, RemovalContext } from '@dustpan/core/driver'
import { createdSets } from '../capture/created-sets.ts'
import type { Client } from '../client.ts'
import { existingKeys } from '../rows.ts'
import type { Table } from '../tables.ts'
import { changedIn, changedSetsOf, heldLines, presentKeys, storeFinalImages } from './changed-sets.ts'
import { loggedTables } from './inspect.ts'
import { hold, type LineFilter, type LogLine, linesFor, settle, strike } from './log-lines.ts'
import { keyIn } from './logged-keys.ts'
import { type InsertedRow, netRows } from './net-rows.ts'
import { mayBeRenumbered } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'

/** Must run in a transaction that holds the write lock, so that nobody else takes the same lines. */
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
  const byTable = [...Map.groupBy(lines, ({ table }) => table)].flatMap(([number, tableLines]) => {
    const table = tables.get(number)
    if (!table) return []
    const changes = restores?.(table.name) ? changedIn(client, table, tableLines, filter.run) : []
    return [{ table, changes, ...findable(client, table, netRows(tableLines), filter.run) }]
  })
  const isTouched = touchedByOthers(lines)
  const held = heldLines(byTable)
  const mine = lines.filter((line) => line.mine && !held.has(line))
  for (const { table, changes } of byTable) request.notCreated(store, table.name, presentKeys(changes))
  request.record(
    store,
    byTable.flatMap(({ table, rows, changes }) => [
      ...changedSetsOf(table, changes),
      ...setsOf(client, table, rows, (key) => request.isKnown(store, table.name, key)),
    ]),
  )
  hold(client, [...held])
  for (const one of byTable) storeFinalImages(client, one)
  strike(
    client,
    mine.filter((line) => !isTouched(line)),
  )
  settle(client, mine.filter(isTouched))
  for (const { table, problem } of byTable)
    if (problem) warn?.('DUSTPAN_ROWS_UNATTRIBUTED', problemMessage(table, problem))
}

/** Why rows can no longer be identified. */
type IdentityProblem = 'nameless' | 'renumbered'

function findable(
  client: Client,
  table: Table,
  rows: readonly InsertedRow[],
  run: string,
): { readonly rows: readonly InsertedRow[]; readonly problem?: IdentityProblem } {
  if (table.bare && rows.length > 0 && mayBeRenumbered(client, run)) return { rows: [], problem: 'renumbered' }
  const named = rows.filter(({ key }) => keyIn(key) !== undefined)
  return named.length < rows.length ? { rows: named, problem: 'nameless' } : { rows }
}

function problemMessage({ name, key }: Table, problem: IdentityProblem): string {
  const why: { readonly [reason in IdentityProblem]: string } = {
    nameless: `with NULL in the primary key (${key.join(', ')}), which cannot be told apart`,
    renumbered: 'which has no primary key, and may have been renumbered since by VACUUM',
  }
  return `The application wrote rows of ${name} ${why[problem]}: they are not removed`
}

/** One or more sets for each scope. */
function setsOf(
  client: Client,
  table: Table,
  rows: readonly InsertedRow[],
  isKnown: (key: Parameters<CollectRequest['isKnown']>[2]) => boolean,
): readonly CollectedSet[] {
  return [...Map.groupBy(rows, ({ line }) => line.scope)].flatMap(([scope, scopeRows]) => {
    const keys = scopeRows.flatMap(({ key }) => keyIn(key) ?? []).filter(({ json }) => !isKnown(json))
    const sets = createdSets(client, table, existingKeys(client, table, keys), undefined)
    return sets.map((set) => ({ ...set, ...(scope === '' ? {} : { scope }) }))
  })
}

/**
 * Settled lines are kept while other writers' lines for the same rows are pending: only the order of both shows who owns a row.
 */
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
