import {
  type Agreed,
  DustpanError,
  isMigrationTable,
  type Matched,
  type Matches,
  messageOf,
  namesKind,
  type RemovalContext,
  type Selection,
  sparedIds,
} from '@dustpan/core/driver'
import { type TableName, typeOf } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { shapesOf, type TableShape } from '../removal/shapes.ts'
import { tableOf } from '../removal/statement-parts.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { type AskedKind, normalName } from './kinds.ts'
import type { PredicateStore } from './store.ts'
import { allTables } from './tables.ts'

/** A table that is to be emptied, as a kind without conditions: all of its rows but those that stay. */
export async function tablesToReset(
  { client, settings }: PredicateStore,
  { predicate: { types, except = [] }, spared }: Selection,
  signal: AbortSignal,
): Promise<readonly AskedKind[]> {
  const ignored = new Set((settings.ignoreTables ?? []).map(normalName))
  const all = await allTables(client, signal)
  const named = all.map((table) => ({ table, names: namesOf(table, settings) }))
  const meant = named.filter(({ table, names }) => {
    if (namesKind(except, names) || namesKind(spared.types, names)) return false
    return types
      ? names.some((name) => types.includes(name))
      : !ignored.has(typeOf(table)) && !isMigrationTable(table.table)
  })
  const shapeOf = await shapesOf(
    client,
    meant.map(({ table }) => table),
    signal,
  )
  return meant.flatMap(({ table, names }) => {
    const shape = shapeOf(table)
    return shape
      ? [{ type: names[0] ?? '', shape, conditions: [], set: undefined, spared: sparedIds(names, spared) }]
      : []
  })
}

/** What its kinds are called, if it has any, and what the table is. */
function namesOf(table: TableName, { kinds = {} }: PredicateStore['settings']): readonly string[] {
  const type = typeOf(table)
  const its = Object.entries(kinds).filter(([name, options]) => normalName(options.table ?? name) === type)
  return [...new Set([...its.map(([name]) => name), type])]
}

export interface ResetParts {
  /** Nothing that stays refers to them. */
  readonly emptied: readonly AskedKind[]
  /** Rows of these stay, or may be referred to by rows that stay: they go one by one. */
  readonly picked: readonly AskedKind[]
}

/** A table can be emptied at one go when all that refer to it are, and its rows have no files that go with them. */
export function partsOf(kinds: readonly AskedKind[], withFiles: readonly AskedKind[]): ResetParts {
  let emptied = kinds.filter((kind) => kind.spared.length === 0 && !withFiles.includes(kind))
  for (let before = -1; before !== emptied.length; ) {
    before = emptied.length
    const types = new Set(emptied.map(({ shape }) => typeOf(shape)))
    emptied = emptied.filter(({ shape }) => shape.referencedBy.every((table) => types.has(typeOf(table))))
  }
  return { emptied, picked: kinds.filter((kind) => !emptied.includes(kind)) }
}

/** Empties tables together, held against others, when no more is in them than was agreed to; sequences begin anew. */
export async function emptyTables(
  client: StoreClient,
  kinds: readonly AskedKind[],
  agreed: Agreed,
  { signal }: RemovalContext,
): Promise<Matches['kinds']> {
  if (kinds.length === 0) return []
  const tables = kinds.map(({ shape }) => tableOf(shape)).join(', ')
  try {
    const [, , ...answers] = await client.run(
      [begin, statement(`LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`), ...kinds.map(({ shape }) => countAll(shape))],
      signal,
    )
    const counts = answers.map(countIn)
    const more = kinds.filter(({ type }, index) => (counts[index] ?? 0) > (agreed.get(type) ?? 0))
    if (more.length > 0) return await back(client, kinds, moreNow(more), signal)
    await client.run([statement(`TRUNCATE ${tables} RESTART IDENTITY`), commit], signal)
    return kinds.map(({ type }, index) => ({ type, count: counts[index] ?? 0, method: 'hard' }))
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
  return kinds.map(({ type }) => ({ type, count: 0, method: 'hard', error }))
}

function moreNow(kinds: readonly AskedKind[]): DustpanError {
  const types = kinds.map(({ type }) => type).join(', ')
  return new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    `No table was emptied: there is more in ${types} than was counted before`,
    { hint: 'Somebody is adding some. Look at the plan again' },
  )
}

function failed(error: unknown): DustpanError {
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `No table was emptied: ${messageOf(error)}${state}`, {
    cause: error,
    hint: 'Nothing was changed. Where another session holds a table, end it and try again',
  })
}
