import { type ConnectContext, DustpanError, type MetadataColumns, type MetadataMigration } from '@dustpan/core/driver'
import { endpointId, endpointOf } from '../identity.ts'
import { parseTableName } from '../names.ts'
import type { Settings } from '../options.ts'
import { OwnClient } from '../removal/own-client.ts'
import { migrationOf, type TableColumns } from './migration-sql.ts'

const columnsSql = `SELECT json_build_object('schema', s.nspname, 'table', c.relname, 'kind', c.relkind, 'isPartition', c.relispartition,
    'columns', (SELECT coalesce(json_object_agg(a.attname, json_build_object('type', format_type(a.atttypid, a.atttypmod),
        'isMarked', coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE '%dustpan.marker%', false))), '{}')
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'isIndexed', EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $3 AND a.attnum = i.indkey[0]
      WHERE i.indrelid = c.oid AND i.indisvalid
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname))))
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE s.nspname NOT IN ('pg_catalog', 'information_schema', 'dustpan') AND s.nspname !~ '^pg_(toast|temp)' AND CASE
    WHEN cardinality($1::text[]) = 0 THEN c.relkind IN ('r', 'p') AND NOT c.relispartition
    ELSE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (s.nspname, c.relname) IN (SELECT * FROM unnest($2::text[], $1::text[])) END
  ORDER BY s.nspname, c.relname`

export function metadataMigration(driver: string, url: string, settings: Settings, root: string): MetadataMigration {
  const store = endpointId(endpointOf(url))
  return {
    store,
    async plan(tables, columns, ctx) {
      await using client = await OwnClient.connect({ driver, id: store }, settings, root, ctx)
      const found = await columnsOf(client, tables ?? [], columns, ctx)
      return found.map((table) => migrationOf(table, columns))
    },
  }
}

async function columnsOf(
  client: OwnClient,
  tables: readonly string[],
  { run }: MetadataColumns,
  { signal }: ConnectContext,
): Promise<readonly TableColumns[]> {
  const wanted = tables.map((name) => ({ schema: 'public', table: name, ...parseTableName(name) }))
  const rows = await client.rows(
    columnsSql,
    [wanted.map(({ table }) => table), wanted.map(({ schema }) => schema), run],
    signal,
  )
  const found = rows.map(([row]) => JSON.parse(row ?? 'null') as TableColumns)
  const missing = wanted.find(({ schema, table }) => !found.some((one) => one.schema === schema && one.table === table))
  if (!missing) return found
  throw new DustpanError(
    'DUSTPAN_INVALID_ARGUMENT',
    `${client.store.id} has no table ${missing.schema}.${missing.table}`,
  )
}
