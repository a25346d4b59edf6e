import {
  type Agreed,
  DustpanError,
  emptiedKinds,
  isMigrationTable,
  kindToReset,
  type Matched,
  messageOf,
  moreToEmpty,
  notEmptied,
  type RemovalContext,
  type Selection,
} from '@dustpan/core/driver'
import { quoteTable } from '../names.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { FilesOf } from '../removal/row-files.ts'
import type { Table } from '../tables.ts'
import { type AskedKind, allTables, sameTableIn } from './kinds.ts'
import type { PredicateStore } from './store.ts'

/** A table that is to be emptied, as a kind without conditions: all of its rows but those that stay. */
export async function tablesToReset(
  { client, settings: { kinds = {}, ignoreTables = [] } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly AskedKind[]> {
  const sameTable = sameTableIn(client)
  const meant: AskedKind[] = []
  for (const name of await allTables(client, signal)) {
    const aside = isMigrationTable(name) || ignoreTables.some((ignored) => sameTable(ignored, name))
    const kind = kindToReset(name, aside, kinds, selection, sameTable)
    const table = kind && (await client.table({ schema: null, table: name }, signal))
    if (table) meant.push({ ...kind, table })
  }
  return meant
}

/** All that refer to its table are known, none of its rows stays, and none has files that go with it. */
export function canBeEmptied({ spared, table }: AskedKind, filesOf: FilesOf): boolean {
  return spared.length === 0 && table.sight !== 'some-tables' && !filesOf(table)
}

/** Empties tables together, held against others, when no more is in them than was agreed to; numbers begin anew. */
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
