import {
  type Agreed,
  DustpanError,
  isMigrationTable,
  isUnfit,
  kindToReset,
  type Matched,
  messageOf,
  moreToEmpty,
  type RemovalContext,
  referredWithin,
  type Selection,
  type UnfitKind,
  unfit,
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

export interface ResetParts {
  /** Nothing that stays refers to them. */
  readonly emptied: readonly AskedKind[]
  /** Rows of these stay, or may be referred to by rows that stay: they go one by one. */
  readonly picked: readonly (AskedKind | UnfitKind)[]
}

/** A table can be emptied at one go when all that refer to it are known and are as well, and its rows have no files that go with them. */
export function partsOf(kinds: readonly (AskedKind | UnfitKind)[], filesOf: FilesOf): ResetParts {
  const emptied = referredWithin(
    kinds.flatMap((kind) => (isUnfit(kind) || !canBeEmptied(kind, filesOf) ? [] : [kind])),
    ({ table }) => quoteTable(table),
    ({ table }) => table.referencedBy.map(quoteTable),
  )
  return { emptied, picked: kinds.filter((kind) => !emptied.includes(kind as AskedKind)) }
}

function canBeEmptied({ spared, table }: AskedKind, filesOf: FilesOf): boolean {
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
    const more = kinds.filter(({ type }, index) => (counts[index] ?? 0) > (agreed.get(type) ?? 0))
    if (more.length > 0) return nothing(kinds, moreToEmpty(more))
    await client.run(
      tables.map((table) => `TRUNCATE ${quoteTable(table)}`),
      signal,
    )
    return kinds.map(({ type }, index) => ({ type, count: counts[index] ?? 0, method: 'hard' }))
  } catch (error) {
    return nothing(kinds, failed(error))
  } finally {
    await client.run(['UNLOCK TABLES', 'SET foreign_key_checks = 1'], signal)
    client.forgetTables()
  }
}

const countAll = (table: Table): string => `SELECT COUNT(*) FROM ${quoteTable(table)}`

function nothing(kinds: readonly AskedKind[], error: DustpanError): readonly Matched[] {
  return kinds.map(({ type }) => unfit({ type, error }))
}

function failed(error: unknown): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `Not every table was emptied: ${messageOf(error)}`, {
    cause: error,
    hint: 'Where another session holds a table, end it and try again',
  })
}
