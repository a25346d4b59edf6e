/** Counts and removes rows by predicate, without records. */
import { randomUUID } from 'node:crypto'
import {
  type Agreed,
  DustpanError,
  type Json,
  type Matched,
  type Matches,
  moreThanAgreed,
  type RemovalContext,
  type Selection,
  type StoreConnection,
} from '@dustpan/core/driver'
import { counted, eachKind, exceptedHere, notSearched, ownerAsked, samples } from '@dustpan/core/rows'
import { beginMutation, followMutation } from '../removal/mutation.ts'
import { assignments } from '../removal/soft-deletion.ts'
import type { QueryOptions } from '../sql/server.ts'
import { readTables, type Table, tableName } from '../sql/table.ts'
import { keyNames } from '../sql/where.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'
import { whereSelected } from './where-selected.ts'

/** The predicate methods of a connection. */
export function byPredicate(store: PredicateStore): Required<Pick<StoreConnection, 'count' | 'removeWhere'>> {
  return {
    count: (selection, { signal }) => countMatches(store, selection, { signal }),
    removeWhere: (selection, agreed, ctx) => removeMatches(store, selection, agreed, ctx),
  }
}

async function countMatches(store: PredicateStore, selection: Selection, options: QueryOptions): Promise<Matches> {
  const { kinds, owner, tables } = await findKinds(store, selection, options)
  const matched = await eachKind(kinds, (kind: AskedKind) => count(store, kind, owner, options))
  const names = tables.map(({ name }) => name)
  const excepted = exceptedHere(store.kinds, names, selection)
  return { kinds: matched, excepted, ...(owner ? { preserved: owner.type } : {}) }
}

/** Removes each kind with one mutation, which affects the rows that exist when it begins. */
async function removeMatches(
  store: PredicateStore,
  selection: Selection,
  agreed: Agreed,
  ctx: RemovalContext,
): Promise<Matches> {
  const { kinds, owner } = await findKinds(store, selection, { signal: ctx.signal })
  const selected = kinds.filter(({ type }) => agreed.has(type))
  const matched = await eachKind(selected, (kind: AskedKind) =>
    remove(store, kind, owner, agreed.get(kind.type) ?? 0, ctx),
  )
  return { kinds: matched, ...(owner ? { preserved: owner.type } : {}) }
}

async function findKinds(store: PredicateStore, selection: Selection, options: QueryOptions) {
  const tables = await readTables(store.server, store.database, options)
  const kinds = kindsAsked(tables, store, selection)
  return { tables, kinds, owner: await findOwner(store, tables, ownerAsked(kinds, selection), options) }
}

async function count(
  store: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  options: QueryOptions,
): Promise<Matched> {
  try {
    const where = await whereSelected(store, kind, owner, options)
    const rows = await countWhere(store, kind.table, where, options)
    return counted(kind, rows, rows === 0 ? [] : await sampleOf(store, kind.table, where, options))
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}

async function remove(
  store: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  agreed: number,
  ctx: RemovalContext,
): Promise<Matched> {
  const options = { signal: ctx.signal }
  const { type, method } = kind
  try {
    const where = await whereSelected(store, kind, owner, options)
    const rows = await countWhere(store, kind.table, where, options)
    if (rows > agreed) return moreThanAgreed(kind, agreed)
    if (rows === 0) return { type, method, count: 0 }
    const unfinished = await runRemoval(store, kind, where, ctx)
    const left = await countWhere(store, kind.table, where, options)
    if (left === 0) return { type, method, count: rows }
    return {
      type,
      method,
      count: Math.max(0, rows - left),
      left: [{ count: left, error: stillThere(kind, unfinished) }],
    }
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}

/** Removes the rows; a whole table is truncated. Returns why the removal is not finished, if so. */
async function runRemoval(
  { server }: PredicateStore,
  { table, set }: AskedKind,
  where: string,
  ctx: RemovalContext,
): Promise<string | undefined> {
  if (where === '1' && !set) {
    await server.run(`TRUNCATE TABLE ${tableName(table)}`, { signal: ctx.signal })
    return undefined
  }
  const name = `dustpan-${randomUUID()}`
  await beginMutation(
    server,
    table,
    { name, where, assignments: set && assignments(table, set) },
    { signal: ctx.signal },
  )
  const end = await followMutation(server, table, name, ctx)
  if (end.state === 'failing') return `its mutation ${end.id} does not get on: ${end.reason}`
  return end.state === 'running' ? 'its mutation goes on' : undefined
}

function stillThere({ table }: AskedKind, why = 'others came meanwhile'): DustpanError {
  return new DustpanError('DUSTPAN_STILL_THERE', `Rows of ${table.name} are there still: ${why}`, {
    hint: 'Ask again when it is over.',
  })
}

async function countWhere(
  { server }: PredicateStore,
  table: Table,
  where: string,
  options: QueryOptions,
): Promise<number> {
  const sql = `SELECT count() AS dustpan_rows FROM ${tableName(table)} WHERE ${where}`
  const [row] = await server.rows<{ dustpan_rows: string }>(sql, options)
  return Number(row?.dustpan_rows ?? 0)
}

async function sampleOf(
  { server }: PredicateStore,
  table: Table,
  where: string,
  options: QueryOptions,
): Promise<readonly Json[]> {
  const columns = table.sortingKey.length > 0 ? table.sortingKey : [...table.columns.keys()].slice(0, 1)
  const sql = `SELECT ${keyNames(columns)} FROM ${tableName(table)} WHERE ${where} LIMIT ${samples}`
  const rows = await server.rows<Record<string, Json>>(sql, options)
  return rows.map((row) => {
    const parts = columns.map((column) => row[column] ?? null)
    return parts.length === 1 ? (parts[0] ?? null) : parts
  })
}
