import {
  type Agreed,
  DustpanError,
  type Matched,
  type Matches,
  messageOf,
  type RemovalContext,
  type Selection,
} from '@dustpan/core/driver'
import { emptiedKinds, isMigrationTable, kindToReset, moreToEmpty, notEmptied } from '@dustpan/core/rows'
import { namesTable, typeOf } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { FilesOf } from '../removal/row-files.ts'
import { tableSql } from '../removal/statement-parts.ts'
import { readTables, type Table } from '../removal/tables.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { type AskedKind, sameTable } from './kinds.ts'
import type { PredicateStore } from './store.ts'
import { allTables } from './tables.ts'

/** Tables to empty, as kinds without conditions: all of their rows except spared ones. */
export async function tablesToReset(
  { client, settings: { kinds = {}, ignoreTables = [] } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly AskedKind[]> {
  const isIgnored = namesTable(ignoreTables)
  const meant = (await allTables(client, signal)).flatMap((table) => {
    const name = typeOf(table)
    const kind = kindToReset(name, isIgnored(table) || isMigrationTable(table.table), kinds, selection, sameTable)
    return kind ? [{ kind, wanted: table }] : []
  })
  const findTable = await readTables(
    client,
    meant.map(({ wanted }) => wanted),
    signal,
  )
  return meant.flatMap(({ kind, wanted }) => {
    const table = findTable(wanted)
    return table ? [{ ...kind, table }] : []
  })
}

/** Whether TRUNCATE can empty it: no row is spared, and no row has files to remove. */
export function canBeEmptied({ spared, table }: AskedKind, filesOf: FilesOf): boolean {
  return !filesOf(table) && spared.length === 0
}

/** Empties tables together under a lock, when they hold no more rows than agreed; sequences restart. */
export async function emptyTables(
  client: StoreClient,
  kinds: readonly AskedKind[],
  agreed: Agreed,
  { signal }: RemovalContext,
): Promise<Matches['kinds']> {
  if (kinds.length === 0) return []
  const tables = kinds.map(({ table }) => tableSql(table)).join(', ')
  try {
    const [, , ...answers] = await client.run(
      [begin, statement(`LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`), ...kinds.map(({ table }) => countAll(table))],
      signal,
    )
    const counts = answers.map(countIn)
    const excess = moreToEmpty(kinds, counts, agreed)
    if (excess) return await rollBack(client, kinds, excess, signal)
    await client.run([statement(`TRUNCATE ${tables} RESTART IDENTITY`), commit], signal)
    return emptiedKinds(kinds, counts)
  } catch (error) {
    return rollBack(client, kinds, failed(error), signal)
  }
}

const statement = (text: string): Sql => ({ text, values: [] })
const countAll = (table: Table): Sql => statement(`SELECT count(*)::text FROM ${tableSql(table)}`)
const countIn = ({ rows }: Answer): number => Number(rows[0]?.[0] ?? 0)

async function rollBack(
  client: StoreClient,
  kinds: readonly AskedKind[],
  error: DustpanError,
  signal: AbortSignal,
): Promise<readonly Matched[]> {
  await client.run([rollback], signal).catch(() => {})
  return notEmptied(kinds, error)
}

function failed(error: unknown): DustpanError {
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `No table was emptied: ${messageOf(error)}${state}`, {
    cause: error,
    hint: 'Nothing was changed. Where another session holds a table, end it and try again',
  })
}
