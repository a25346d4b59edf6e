/** Works out the remaining rows from log lines, table by table, without queries. */
import { changedRows } from '@dustpan/core/rows'
import { type ChangedRows, lookBackSql } from './changed-sets.ts'
import type { LogLine } from './log-lines.ts'
import type { LoggedRelation } from './logged-tables.ts'
import { netRows } from './net-rows.ts'
import { type LoggedRows, needsLook } from './present-rows.ts'
import type { RestoresTable } from './restored-tables.ts'
import { isWhole, type TableLines } from './uncertain-rows.ts'

/**
 * Drops the key of a line where it no longer identifies the row: a JSON text is logged as its value, so that `"5"` would be
 * row 5; and a key of other columns than today's primary key identifies another row, or none.
 */
export function withCurrentKey(line: LogLine, relations: ReadonlyMap<number, LoggedRelation>): LogLine {
  const { key, keyOf = [], rel, tx } = line
  const { key: currentKey, altered } = relations.get(rel) ?? {}
  if (key === null || currentKey === undefined) return line
  if (line.hasSameFile && tx !== undefined && tx <= (altered ?? 0))
    return { ...line, ...withoutKey, trouble: 'a column of its primary key was altered since' }
  const isSame = keyOf.join('\0') === currentKey.map(({ name }) => name).join('\0')
  const isJson = currentKey.some(({ type }) => type === 'jsonb')
  if (isSame && !isJson) return line
  return {
    ...line,
    ...withoutKey,
    trouble: isSame ? 'its primary key is JSON' : 'its primary key was another one',
  }
}

const withoutKey = { key: null, keyNow: null }

/** The rows to look up in their tables, and the statements that complete the log from the tables. */
export function looksAt({ rows, changed }: Found) {
  return { looks: rows.filter(needsLook), looksBack: changed.flatMap(lookBackSql) }
}

export interface Found {
  readonly rows: readonly LoggedRows[]
  readonly changed: readonly ChangedRows[]
}

/** Groups lines by table; rows of a partition belong to the partitioned table. */
export function byTable(
  lines: readonly LogLine[],
  relations: ReadonlyMap<number, LoggedRelation>,
): readonly TableLines[] {
  const tables = new Map([...relations.values()].map((relation) => [relation.oid, relation]))
  return [...Map.groupBy(lines, ({ rel }) => relations.get(rel)?.oid)].flatMap(([oid = 0, tableLines]) => {
    const relation = tables.get(oid)
    return relation ? [{ relation, lines: tableLines }] : []
  })
}

export const foundIn = (tables: readonly TableLines[], restores: RestoresTable): Found => ({
  rows: loggedRows(tables),
  changed: restores ? changedIn(tables, restores) : [],
})

function loggedRows(tables: readonly TableLines[]): readonly LoggedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    const rows = netRows(lines, relation.keys).filter(({ key, line }) => line.hasSameFile && isWhole(key, relation))
    return rows.length > 0 ? [{ relation, rows }] : []
  })
}

function changedIn(tables: readonly TableLines[], restores: NonNullable<RestoresTable>): readonly ChangedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    if (!restores(relation)) return []
    const changes = changedRows(lines).filter(({ first }) => isWhole(first.key ?? [], relation))
    return changes.length > 0 ? [{ relation, changes }] : []
  })
}

/**
 * Whether unsettled lines of others concern the same row: then a line stays in the log, settled, because only the order of
 * all lines shows who owns the row.
 */
export function touchedByOthers(lines: readonly LogLine[]): (line: LogLine) => boolean {
  const others = new Set(
    lines.flatMap(({ mine, settled, key, keyNow }) =>
      mine || settled ? [] : [JSON.stringify(key), ...(keyNow ? [JSON.stringify(keyNow)] : [])],
    ),
  )
  return ({ key, keyNow }) => others.has(JSON.stringify(key)) || (keyNow !== null && others.has(JSON.stringify(keyNow)))
}
