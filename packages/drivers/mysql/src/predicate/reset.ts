import {
  type Agreed,
  DustpanError,
  type Matched,
  messageOf,
  type RemovalContext,
  type Selection,
} from '@dustpan/core/driver'
import { emptiedKinds, isMigrationTable, kindToReset, moreToEmpty, notEmptied } from '@dustpan/core/rows'
import { quoteTable } from '../names.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { FilesOf } from '../removal/row-files.ts'
import type { Table } from '../tables.ts'
import { type AskedKind, allTables, sameTableIn } from './kinds.ts'
import type { PredicateStore } from './store.ts'

/** The tables to empty, each as a kind without conditions: all of its rows except spared ones. */
export async function tablesToReset(
  { client, settings: { kinds = {}, ignoreTables = [] } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly AskedKind[]> {
  const sameTable = sameTableIn(client)
  const selected: AskedKind[] = []
  for (const name of await allTables(client, signal)) {
    const isExcluded = isMigrationTable(name) || ignoreTables.some((ignored) => sameTable(ignored, name))
    const kind = kindToReset(name, isExcluded, kinds, selection, sameTable)
    const table = kind && (await client.table({ schema: null, table: name }, signal))
    if (table) selected.push({ ...kind, table })
  }
  return selected
}

/** Whether all foreign keys to its table are known, none of its rows is spared, and none has files. */
export function canBeEmptied({ spared, table }: AskedKind, filesOf: FilesOf): boolean {
  return spared.length === 0 && table.visibility !== 'some-tables' && !filesOf(table)
}

/** Empties tables together, under a lock, if they contain no more rows than agreed; auto-increment counters restart. */
export async function emptyTables(
  client: StoreClient,
  all: readonly AskedKind[],
  agreed: Agreed,
  { signal }: RemovalContext,
): Promise<readonly Matched[]> {
  const kinds = all.filter(({ type }) => agreed.has(type))
  if (kinds.length === 0) return []
  const tables = kinds.map(({ table }) => table)
  const locks = tables.map((table) => `${quoteTable(table)} WRITE`).join(', ')
  try {
    const [, , ...answers] = await client.run(
      ['SET foreign_key_checks = 0', `LOCK TABLES ${locks}`, ...tables.map(countAll)],
      signal,
    )
    const counts = answers.map(({ rows }) => Number(rows[0]?.[0] ?? 0))
    const more = moreToEmpty(kinds, counts, agreed)
    if (more) return notEmptied(kinds, more)
    await client.run(
      tables.map((table) => `TRUNCATE ${quoteTable(table)}`),
      signal,
    )
    return emptiedKinds(kinds, counts)
  } catch (error) {
    return notEmptied(kinds, failed(error))
  } finally {
    await client.run(['UNLOCK TABLES', 'SET foreign_key_checks = 1'], signal)
    client.forgetTables()
  }
}

const countAll = (table: Table): string => `SELECT COUNT(*) FROM ${quoteTable(table)}`

function failed(error: unknown): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `Not every table was emptied: ${messageOf(error)}`, {
    cause: error,
    hint: 'Where another session holds a table, end it and try again',
  })
}
