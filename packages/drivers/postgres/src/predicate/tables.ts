import type { TableName } from '../names.ts'
import type { StoreClient } from '../removal/own-client.ts'

/** The user's own tables: not those of the system, of an extension or of Dustpan; no partitions, only the partitioned table. */
const ownTables = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND s.nspname <> 'information_schema' AND s.nspname <> 'dustpan' AND s.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`

export async function allTables(client: StoreClient, signal: AbortSignal): Promise<readonly TableName[]> {
  return tables(await client.rows(`SELECT s.nspname, c.relname FROM ${ownTables} ORDER BY 1, 2`, [], signal))
}

/** Tables with a column for the run that created the row. */
export async function tablesWithColumn(
  client: StoreClient,
  column: string,
  signal: AbortSignal,
): Promise<readonly TableName[]> {
  const text = `SELECT s.nspname, c.relname FROM ${ownTables}
    AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $1 AND NOT a.attisdropped) ORDER BY 1, 2`
  return tables(await client.rows(text, [column], signal))
}

const tables = (rows: readonly (readonly (string | null)[])[]): readonly TableName[] =>
  rows.map(([schema, table]) => ({ schema: schema ?? '', table: table ?? '' }))
