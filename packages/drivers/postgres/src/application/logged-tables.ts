/** Reads the tables of log lines, by oid. */
import type { NumberedColumn } from '../key-value.ts'
import type { TableName } from '../names.ts'
import type { Answer } from '../removal/exchange.ts'
import type { OwnClient } from '../removal/own-client.ts'

/** A logged table; for a partition, the partitioned table, by whose name its rows are recorded. */
export interface LoggedRelation extends TableName {
  readonly oid: number
  readonly kind: string
  readonly key: readonly NumberedColumn[]
  /**
   * The transaction that last altered a key column, perhaps by renaming it: keys that were logged before identify other
   * rows.
   */
  readonly altered?: number | null
  /** When uniqueness of the key is checked: immediately, or at the end of a transaction. */
  readonly keys: 'immediate' | 'deferred'
}

/** The full transaction id for an xmin, which holds only the lower 32 bits. */
const wholeId = (xmin: string): string =>
  `(pg_snapshot_xmax(pg_current_snapshot())::text::int8 - ((pg_snapshot_xmax(pg_current_snapshot())::text::int8 - ${xmin}::text::int8) & 4294967295))`

/** @param oids a query that selects the oids */
export const relationsSql = (
  oids: string,
): string => `SELECT json_build_array(w.oid::int8, json_build_object('oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'kind', c.relkind,
    'keys', CASE WHEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND NOT i.indimmediate) THEN 'deferred' ELSE 'immediate' END,
    'altered', (SELECT max(${wholeId('a.xmin')}) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
      WHERE i.indrelid = c.oid AND i.indisprimary),
    'key', coalesce((SELECT json_agg(json_build_object('name', a.attname, 'number', a.attnum, 'type',
        CASE y.nspname WHEN 'pg_catalog' THEN '' ELSE quote_ident(y.nspname) || '.' END || quote_ident(t.typname)) ORDER BY k.ord)
      FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord), pg_attribute a, pg_type t, pg_namespace y
      WHERE i.indrelid = c.oid AND i.indisprimary AND k.ord <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum
        AND t.oid = a.atttypid AND y.oid = t.typnamespace), '[]')))
  FROM (${oids}) w(oid) JOIN pg_class c ON c.oid = coalesce(pg_partition_root(w.oid), w.oid) JOIN pg_namespace s ON s.oid = c.relnamespace`

/** Dropped tables are missing in the result. */
export async function relationsOf(
  client: OwnClient,
  oids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, LoggedRelation>> {
  if (oids.length === 0) return new Map()
  const rows = await client.rows(relationsSql('SELECT unnest($1::oid[])'), [oids.map(String)], signal)
  return relationsIn(rows)
}

export function relationsIn(rows: Answer['rows']): ReadonlyMap<number, LoggedRelation> {
  return new Map(rows.map(([text]) => JSON.parse(text ?? 'null') as [number, LoggedRelation]))
}
