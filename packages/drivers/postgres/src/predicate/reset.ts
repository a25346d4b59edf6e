import {
  type Agreed,
  DustpanError,
  emptiedKinds,
  isMigrationTable,
  kindToReset,
  type Matched,
  type Matches,
  messageOf,
  moreToEmpty,
  notEmptied,
  type RemovalContext,
  type Selection,
} from '@dustpan/core/driver'
import { typeOf } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { FilesOf } from '../removal/row-files.ts'
import { shapesOf, type TableShape } from '../removal/shapes.ts'
import { tableOf } from '../removal/statement-parts.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { type AskedKind, normalName, sameTable } from './kinds.ts'
import type { PredicateStore } from './store.ts'
import { allTables } from './tables.ts'

/** A table that is to be emptied, as a kind without conditions: all of its rows but those that stay. */
export async function tablesToReset(
  { client, settings: { kinds = {}, ignoreTables = [] } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly AskedKind[]> {
  const ignored = new Set(ignoreTables.map(normalName))
  const meant = (await allTables(client, signal)).flatMap((table) => {
    const name = typeOf(table)
    const kind = kindToReset(name, ignored.has(name) || isMigrationTable(table.table), kinds, selection, sameTable)
    return kind ? [{ kind, wanted: table }] : []
  })
  const shapeOf = await shapesOf(
    client,
    meant.map(({ wanted }) => wanted),
    signal,
  )
  return meant.flatMap(({ kind, wanted }) => {
    const table = shapeOf(wanted)
    return table ? [{ ...kind, table }] : []
  })
}

/** None of its rows stays, and none has files that go with it. */
export function canBeEmptied({ spared, table }: AskedKind, filesOf: FilesOf): boolean {
  return !filesOf(table) && spared.length === 0
}

/** Empties tables together, held against others, when no more is in them than was agreed to; sequences begin anew. */
export async function emptyTables(
  client: StoreClient,
  kinds: readonly AskedKind[],
  agreed: Agreed,
  { signal }: RemovalContext,
): Promise<Matches['kinds']> {
  if (kinds.length === 0) return []
  const tables = kinds.map(({ table }) => tableOf(table)).join(', ')
  try {
    const [, , ...answers] = await client.run(
      [begin, statement(`LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`), ...kinds.map(({ table }) => countAll(table))],
      signal,
    )
    const counts = answers.map(countIn)
    const more = moreToEmpty(kinds, counts, agreed)
    if (more) return await back(client, kinds, more, signal)
    await client.run([statement(`TRUNCATE ${tables} RESTART IDENTITY`), commit], signal)
    return emptiedKinds(kinds, counts)
  } catch (error) {
    return back(client, kinds, failed(error), signal)
  }
}

const statement = (text: string): Sql => ({ text, values: [] })
const countAll = (shape: TableShape): Sql => statement(`SELECT count(*)::text FROM ${tableOf(shape)}`)
const countIn = ({ rows }: Answer): number => Number(rows[0]?.[0] ?? 0)

async function back(
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
