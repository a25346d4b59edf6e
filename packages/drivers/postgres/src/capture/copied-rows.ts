import { quoteIdentifier, quoteTable } from '../names.ts'
import { tableNamed } from './analyse-write.ts'
import { incarnation, tableNow } from './incarnation.ts'
import { capturedKey } from './key-style.ts'
import type { TableReference } from './statement.ts'
import type { TableFacts } from './table-facts.ts'

/**
 * Finds the rows that the last command of this transaction wrote into a table: those visible rows whose writer is still in progress can only be
 * our own, and the newest command among them is the last one. For a COPY, whose rows have no RETURNING. Where triggers may have written since,
 * there must be no other command. `copied`: the table as COPY named it, which may be another one by now.
 */
export function copiedRowsSql(facts: TableFacts, copied: TableReference): string {
  const columns = facts.key.map((column) => `(${capturedKey(column, `t.${quoteIdentifier(column.name)}`)})::text`)
  const place = incarnation({ table: tableNamed(facts.table, facts.schema), reference: 't' }, facts)
  return `WITH own AS MATERIALIZED (
    SELECT json_build_array(${columns.join(', ')}, ${place}::text) AS row, t.cmin::text::int8 AS command
    FROM ${quoteTable(facts)} t
    WHERE ${tableNow(copied)} = ${facts.oid} AND CASE WHEN age(t.xmin) <= age(pg_current_xact_id()::xid) AND t.xmin::text::int8 > 2 THEN pg_xact_status(
      ((pg_current_xact_id()::text::int8 & ~4294967295::int8) | t.xmin::text::int8)::text::xid8) = 'in progress' END)
  SELECT coalesce(json_agg(row), '[]') FROM own WHERE ${facts.triggers === null ? 'command = (SELECT max(command) FROM own)' : '(SELECT count(DISTINCT command) FROM own) = 1'}`
}
