/** Reads the version, clock and privileges of a database, and what would hinder removal. */
import { clock, type StoreCondition, type StoreFinding } from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import type { OwnClient } from './own-client.ts'

const serverSql = `SELECT current_setting('server_version'), (extract(epoch FROM clock_timestamp()) * 1000)::text, current_user::text`

const ownTables = `c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dustpan')`

/** Ordinary tables from which this user may not read or delete. */
const forbiddenSql = `SELECT n.nspname::text, c.relname::text
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${ownTables} AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'DELETE'))
  ORDER BY 1, 2`

/** Foreign keys without an index on tables whose sequential scan is slow, by the planner's row estimate. */
const slowSql = `SELECT n.nspname::text, c.relname::text, c.reltuples::bigint::text,
    (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY k(attnum, n)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum)
  FROM pg_catalog.pg_constraint f
    JOIN pg_catalog.pg_class c ON c.oid = f.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE f.contype = 'f' AND ${ownTables} AND c.reltuples >= 5000 AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = f.conrelid AND i.indisvalid AND i.indpred IS NULL
      AND (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)
  ORDER BY c.reltuples DESC`

export async function examine(client: OwnClient, signal: AbortSignal): Promise<StoreCondition> {
  const before = clock.now()
  const [[version, now, user] = []] = await client.rows(serverSql, [], signal)
  const localNow = (before + clock.now()) / 2
  const [forbidden, slow] = [await client.rows(forbiddenSql, [], signal), await client.rows(slowSql, [], signal)]
  return {
    store: client.answering,
    product: `PostgreSQL ${version?.split(' ')[0]}`,
    aheadMs: Math.round(Number(now) - localNow),
    findings: [...forbiddenTables(forbidden, user ?? ''), ...slow.map(slowForeignKey)],
  }
}

type Row = readonly (string | null)[]

const tableOf = ([schema, table]: Row): string => readableTable({ schema: schema ?? '', table: table ?? '' })

function forbiddenTables(rows: readonly Row[], user: string): readonly StoreFinding[] {
  if (rows.length === 0) return []
  const [names, more] = [rows.slice(0, 3).map(tableOf), rows.length - 3]
  const tables = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return [
    {
      state: 'warning',
      message: `${user} may not read and delete rows of ${tables}: what tests insert there stays`,
      fix: `GRANT SELECT, DELETE ON ${names.join(', ')} TO ${readable(user)}`,
    },
  ]
}

function slowForeignKey(row: Row): StoreFinding {
  const columns = (row[3] ?? '').split(',').map(readable).join(', ')
  return {
    state: 'warning',
    message: `The foreign key of ${tableOf(row)} (${columns}) has no index: for each row that is removed, all its ${Number(row[2]).toLocaleString('en')} rows are read`,
    fix: `CREATE INDEX ON ${tableOf(row)} (${columns})`,
  }
}
