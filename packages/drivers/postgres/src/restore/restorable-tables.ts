/** Reads the current description of the tables whose rows are restored. */
import type { TableName } from '../names.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change } from './change.ts'

export interface RestorableTable extends TableName {
  /** `r` table, `p` partitioned. */
  readonly kind: string
  /** Columns that can be written. */
  readonly columns: readonly string[]
  /** Columns whose JSON form is defined by their own type, and cannot be read back. */
  readonly odd: readonly string[]
  /** The tables that it refers to. */
  readonly parents: readonly TableName[]
}

export interface TableChanges {
  readonly table: RestorableTable
  readonly changes: readonly Change[]
}

const tablesSql = `SELECT json_build_object('schema', s.nspname, 'table', c.relname, 'kind', c.relkind,
    'columns', coalesce(json_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '' AND NOT a.odd), '[]'),
    'odd', coalesce(json_agg(a.attname) FILTER (WHERE a.attgenerated = '' AND a.odd), '[]'),
    'parents', coalesce((SELECT json_agg(json_build_object('schema', ps.nspname, 'table', p.relname)) FROM pg_constraint x
      JOIN pg_class p ON p.oid = x.confrelid JOIN pg_namespace ps ON ps.oid = p.relnamespace WHERE x.contype = 'f' AND x.conrelid = c.oid), '[]'))
  FROM unnest($1::text[], $2::text[]) n(schema, name) JOIN pg_namespace s ON s.nspname = n.schema
  JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = n.name AND c.relkind IN ('r', 'p'),
  LATERAL (SELECT a.*, EXISTS (SELECT FROM pg_type y JOIN pg_cast x ON x.castsource = coalesce(nullif(y.typbasetype, 0), y.oid)
      WHERE y.oid = a.atttypid AND y.typtype <> 'c' AND x.casttarget = 'json'::regtype AND x.castsource >= 16384) AS odd
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a
  GROUP BY s.nspname, c.relname, c.relkind, c.oid`

/** Groups changes by table; dropped tables are left out. Queried each time, because changes since the last time matter here. */
export async function tablesOf(
  client: StoreClient,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly TableChanges[]> {
  const byTable = Map.groupBy(changes, ({ args }) => nameOf(args))
  const wanted = [...byTable.values()].map(([change]) => (change as Change).args)
  const names = [wanted.map(({ schema }) => schema), wanted.map(({ table }) => table)]
  const rows = await client.rows(tablesSql, names, signal)
  return rows.map(([text]) => {
    const table = JSON.parse(text ?? 'null') as RestorableTable
    return { table, changes: byTable.get(nameOf(table)) ?? [] }
  })
}

export const nameOf = ({ schema, table }: TableName): string => JSON.stringify([schema, table])
