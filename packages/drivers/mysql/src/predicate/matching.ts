import type { Json } from '@dustpan/core/driver'
import { keyParts } from '@dustpan/core/rows'
import { quoteTable, textOf } from '../names.ts'
import { isUnmarked, keyFrom, keyText, valueSql } from '../removal/statement-parts.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import { conditionSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** The condition that the row `t` matches, is not marked as deleted already, and is not spared. */
export function matchCondition({ table, conditions, set, spared }: AskedKind, owner: Owner | undefined): string {
  const tests = conditions.map((condition) => conditionSql(condition, table, owner))
  const notSpared = spared.length === 0 ? [] : [`NOT (${isAmong(table, spared)})`]
  return `${[...tests, ...notSpared].join(' AND ') || 'TRUE'}${isUnmarked({ set: fixed(set), table })}`
}

export function countSql(kind: AskedKind, owner: Owner | undefined): string {
  return `SELECT COUNT(*) FROM ${quoteTable(kind.table)} t WHERE ${matchCondition(kind, owner)}`
}

/** The keys of matching rows, up to the limit. */
export function keysSql(kind: AskedKind, owner: Owner | undefined, limit: number): string {
  const key = kind.table.key.map((column) => keyText(column, 't')).join(', ')
  const limitSql = Number.isFinite(limit) ? ` LIMIT ${limit}` : ''
  return `SELECT ${key} FROM ${quoteTable(kind.table)} t WHERE ${matchCondition(kind, owner)}${limitSql}`
}

export function keyOf({ key }: Table, texts: Row): Json {
  return keyFrom(key, texts)
}

/** Leaves out marks derived from the key: they do not show whether a row is marked. */
function fixed(set: AskedKind['set']): AskedKind['set'] {
  if (!set) return undefined
  const same = Object.entries(set).filter(([, value]) => typeof value !== 'string' || !value.includes('{id}'))
  return same.length > 0 ? Object.fromEntries(same) : set
}

/** Compares as text, as `7` and `'7'` are one id. */
function isAmong({ key }: Table, ids: readonly Json[]): string {
  const one = (id: Json) =>
    key.map((column, part) => `${keyText(column, 't')} = ${valueSql(textOf(keyParts(id)[part] ?? null))}`).join(' AND ')
  return ids.map((id) => `COALESCE(${one(id)}, FALSE)`).join(' OR ')
}
