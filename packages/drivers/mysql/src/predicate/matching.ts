import { type Json, keyParts } from '@dustpan/core/driver'
import { quoteTable, textOf } from '../names.ts'
import { isUnmarked, keyFrom, keyText, valueSql } from '../removal/statement-parts.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import { conditionSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** That the row `t` is one that is meant, is not marked already, and is not among those that stay. */
export function isMeant({ table, conditions, set, spared }: AskedKind, owner: Owner | undefined): string {
  const tests = conditions.map((condition) => conditionSql(condition, table, owner))
  const stays = spared.length === 0 ? [] : [`NOT (${isAmong(table, spared)})`]
  return `${[...tests, ...stays].join(' AND ') || 'TRUE'}${isUnmarked({ set: fixed(set), table })}`
}

export function countSql(kind: AskedKind, owner: Owner | undefined): string {
  return `SELECT COUNT(*) FROM ${quoteTable(kind.table)} t WHERE ${isMeant(kind, owner)}`
}

/** The keys of the rows that are meant, at most so many. */
export function keysSql(kind: AskedKind, owner: Owner | undefined, most: number): string {
  const key = kind.table.key.map((column) => keyText(column, 't')).join(', ')
  const limit = Number.isFinite(most) ? ` LIMIT ${most}` : ''
  return `SELECT ${key} FROM ${quoteTable(kind.table)} t WHERE ${isMeant(kind, owner)}${limit}`
}

export function keyOf({ key }: Table, texts: Row): Json {
  return keyFrom(key, texts)
}

/** What a mark makes of the key itself says nothing of whether a row is marked. */
function fixed(set: AskedKind['set']): AskedKind['set'] {
  if (!set) return undefined
  const same = Object.entries(set).filter(([, value]) => typeof value !== 'string' || !value.includes('{id}'))
  return same.length > 0 ? Object.fromEntries(same) : set
}

/** By text, as `7` and `'7'` are one id. */
function isAmong({ key }: Table, ids: readonly Json[]): string {
  const one = (id: Json) =>
    key.map((column, part) => `${keyText(column, 't')} = ${valueSql(textOf(keyParts(id)[part] ?? null))}`).join(' AND ')
  return ids.map((id) => `COALESCE(${one(id)}, FALSE)`).join(' OR ')
}
