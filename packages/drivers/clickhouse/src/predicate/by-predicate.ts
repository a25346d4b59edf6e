/** Counts and removes rows that no record names. */
import { randomUUID } from 'node:crypto'
import {
  type Agreed,
  counted,
  DustpanError,
  eachKind,
  exceptedHere,
  type Json,
  type Matched,
  type Matches,
  moreThanAgreed,
  notSearched,
  ownerAsked,
  type RemovalContext,
  type Selection,
  type StoreConnection,
  samples,
} from '@dustpan/core/driver'
import { beginMutation, followMutation } from '../removal/mutation.ts'
import { assignments } from '../removal/soft-deletion.ts'
import type { How } from '../sql/server.ts'
import { readTables, type Table, tableName } from '../sql/table.ts'
import { keyNames } from '../sql/where.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'
import { meant } from './meant.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/** What a connection can do beside removing what is on record. */
export function byPredicate(store: PredicateStore): Required<Pick<StoreConnection, 'count' | 'removeWhere'>> {
  return {
    count: (selection, { signal }) => countMatches(store, selection, { signal }),
    removeWhere: (selection, agreed, ctx) => removeMatches(store, selection, agreed, ctx),
  }
}

async function countMatches(store: PredicateStore, selection: Selection, how: How): Promise<Matches> {
  const { kinds, owner, tables } = await found(store, selection, how)
  const told = await eachKind(kinds, (kind: AskedKind) => count(store, kind, owner, how))
  const names = tables.map(({ name }) => name)
  const excepted = exceptedHere(store.kinds, names, selection)
  return { kinds: told, excepted, ...(owner ? { preserved: owner.type } : {}) }
}

/** Each kind by one mutation, which takes what was there when it began. */
async function removeMatches(
  store: PredicateStore,
  selection: Selection,
  agreed: Agreed,
  ctx: RemovalContext,
): Promise<Matches> {
  const { kinds, owner } = await found(store, selection, { signal: ctx.signal })
  const those = kinds.filter(({ type }) => agreed.has(type))
  const matched = await eachKind(those, (kind: AskedKind) =>
    remove(store, kind, owner, agreed.get(kind.type) ?? 0, ctx),
  )
  return { kinds: matched, ...(owner ? { preserved: owner.type } : {}) }
}

async function found(store: PredicateStore, selection: Selection, how: How) {
  const tables = await readTables(store.server, store.database, how)
  const kinds = kindsAsked(tables, store, selection)
  return { tables, kinds, owner: await findOwner(store, tables, ownerAsked(kinds, selection), how) }
}

async function count(store: PredicateStore, kind: AskedKind, owner: Owner | undefined, how: How): Promise<Matched> {
  try {
    const where = await meant(store, kind, owner, how)
    const rows = await countWhere(store, kind.table, where, how)
    return counted(kind, rows, rows === 0 ? [] : await sampleOf(store, kind.table, where, how))
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
  const how = { signal: ctx.signal }
  const { type, method } = kind
  try {
    const where = await meant(store, kind, owner, how)
    const rows = await countWhere(store, kind.table, where, how)
    if (rows > agreed) return moreThanAgreed(kind, agreed)
    if (rows === 0) return { type, method, count: 0 }
    const goesOn = await carryOut(store, kind, where, ctx)
    const left = await countWhere(store, kind.table, where, how)
    if (left === 0) return { type, method, count: rows }
    return { type, method, count: Math.max(0, rows - left), left: [{ count: left, error: stillThere(kind, goesOn) }] }
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}

/** What keeps it from being over. A whole table is emptied in one step. */
async function carryOut(
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

async function countWhere({ server }: PredicateStore, table: Table, where: string, how: How): Promise<number> {
  const sql = `SELECT count() AS dustpan_rows FROM ${tableName(table)} WHERE ${where}`
  const [row] = await server.rows<{ dustpan_rows: string }>(sql, how)
  return Number(row?.dustpan_rows ?? 0)
}

async function sampleOf({ server }: PredicateStore, table: Table, where: string, how: How): Promise<readonly Json[]> {
  const columns = table.sortingKey.length > 0 ? table.sortingKey : [...table.columns.keys()].slice(0, 1)
  const sql = `SELECT ${keyNames(columns)} FROM ${tableName(table)} WHERE ${where} LIMIT ${samples}`
  const rows = await server.rows<Record<string, Json>>(sql, how)
  return rows.map((row) => {
    const parts = columns.map((column) => row[column] ?? null)
    return parts.length === 1 ? (parts[0] ?? null) : parts
  })
}
