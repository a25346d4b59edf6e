import type { TypedColumn } from '../key-value.ts'
import { quoteIdentifier, quoteTable, type TableName } from '../names.ts'
import { logOf, stampOf } from './insertion-sql.ts'
import type { StoreClient } from './own-client.ts'

/** The description of a table that removal needs. */
export interface Table extends TableName {
  readonly oid: number
  /** `r` table, `p` partitioned. */
  readonly kind: string
  /** It is partitioned, or a partition: foreign keys to any of its ancestors and partitions hold its rows. */
  readonly inParts: boolean
  /** Types by column, in the form used in a cast. */
  readonly columns: { readonly [name: string]: string }
  /** Columns of composite types. */
  readonly composite: readonly string[]
  /** Columns that can be written: not generated. */
  readonly written: readonly string[]
  readonly key: readonly string[]
  /** Row-level security applies to our role: a row that is not visible may exist. */
  readonly secured: boolean
  /** A timestamp column that holds the creation time by its name, and defaults to the time of insertion. */
  readonly stamp: string | null
  readonly referencedBy: readonly Reference[]
}

/** A foreign key, seen from the table that it refers to. */
export interface Reference extends TableName {
  readonly oid: number
  /** Columns of the referring table. */
  readonly columns: readonly string[]
  /** Columns of the referenced table. */
  readonly parentColumns: readonly string[]
  readonly rule: 'cascade' | 'set-null' | 'restrict'
  /** Row-level security applies to our role, but not to the deletion by the rule: hidden rows would be removed too. */
  readonly secured: boolean
  readonly key: readonly TypedColumn[]
  /**
   * What the application log of that table does with rows that name no test; null without a log. `leave` as well where our
   * role may not read the log.
   */
  readonly log: 'claim' | 'leave' | null
  /** Whether an index finds the rows that refer to a given row. */
  readonly indexed: boolean
  /** The row count of the referring table, as estimated by the database. */
  readonly rows: number
}

/** A table as a removal names it; without a schema it is found by the search path of the connection. */
export interface WantedTable {
  readonly schema: string | null
  readonly table: string
}

const rules = `CASE x.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set-null' WHEN 'd' THEN 'set-null' ELSE 'restrict' END`
const typeName = `CASE y.nspname WHEN 'pg_catalog' THEN '' ELSE quote_ident(y.nspname) || '.' END || quote_ident(t.typname)`
const columnList = (
  item: string,
  attributes: string,
  of: string,
) => `(SELECT json_agg(${item} ORDER BY k.ord) FROM unnest(${attributes}) WITH ORDINALITY k(attnum, ord)
  JOIN pg_attribute a ON a.attrelid = ${of} AND a.attnum = k.attnum JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace y ON y.oid = t.typnamespace)`
const columnNames = (attributes: string, of: string) => columnList('a.attname', attributes, of)
const keyOf = (
  relation: string,
  item: string,
) => `coalesce((SELECT ${columnList(item, 'i.indkey::int2[]', 'i.indrelid')} FROM pg_index i
  WHERE i.indrelid = ${relation} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = i.indnkeyatts
    AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND NOT a.attnotnull AND a.attnum = ANY (i.indkey::int2[])))
    AND NOT ${isOtherwiseEqual}
  ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1), '[]')`

/**
 * Whether the index and the column disagree about equality, by operator class or collation: several rows could share one
 * key.
 */
const isOtherwiseEqual = `EXISTS (SELECT FROM unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) u(attnum, class, coll)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum JOIN pg_type y ON y.oid = a.atttypid JOIN pg_opclass o ON o.oid = u.class
  WHERE NOT o.opcdefault
    OR EXISTS (SELECT FROM pg_opclass own WHERE own.opcmethod = o.opcmethod AND own.opcdefault AND own.oid <> o.oid AND own.opcintype = coalesce(nullif(y.typbasetype, 0), y.oid))
    OR u.coll <> a.attcollation AND EXISTS (SELECT FROM pg_collation WHERE oid = a.attcollation AND NOT collisdeterministic))`

/**
 * The tables whose incoming foreign keys hold rows of a table: itself and, for a partitioned one, its ancestors and
 * partitions.
 */
export const heldThrough = (oid: string) =>
  `(SELECT ${oid} UNION SELECT relid FROM pg_catalog.pg_partition_ancestors(${oid}) UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid}))`

const tablesSql = `SELECT CASE WHEN c.oid IS NOT NULL THEN json_build_object(
    'oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'kind', c.relkind,
    'inParts', c.relkind = 'p' OR c.relispartition,
    'columns', (SELECT json_object_agg(a.attname, ${typeName})
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace y ON y.oid = t.typnamespace
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'composite', (SELECT coalesce(json_agg(a.attname), '[]') FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND t.typcategory = 'C'),
    'written', (SELECT coalesce(json_agg(attname ORDER BY attnum), '[]') FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
    'key', ${keyOf('c.oid', 'a.attname')}, 'secured', row_security_active(c.oid),
    'stamp', ${stampOf('c.oid')},
    'referencedBy', coalesce((SELECT json_agg(json_build_object('oid', xc.oid::int8, 'schema', xs.nspname, 'table', xc.relname, 'rule', ${rules}, 'secured', row_security_active(xc.oid), 'log', ${logOf('xc.oid')},
        'columns', ${columnNames('x.conkey', 'x.conrelid')}, 'parentColumns', ${columnNames('x.confkey', 'x.confrelid')}, 'key', ${keyOf('x.conrelid', `json_build_object('name', a.attname, 'type', ${typeName})`)}, 'indexed', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = x.conrelid AND i.indisvalid AND i.indpred IS NULL
          AND (i.indkey::int2[])[0:cardinality(x.conkey) - 1] @> x.conkey),
        'rows', greatest(xc.reltuples, pg_stat_get_live_tuples(xc.oid), 0)::int8)
        ORDER BY x.oid)
      FROM pg_constraint x JOIN pg_class xc ON xc.oid = x.conrelid JOIN pg_namespace xs ON xs.oid = xc.relnamespace
      WHERE x.contype = 'f' AND x.conparentid = 0 AND x.confrelid IN ${heldThrough('c.oid')}), '[]')) END AS facts
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(schema, name, ord)
  LEFT JOIN pg_class c ON c.relkind IN ('r', 'p') AND c.oid = to_regclass(CASE WHEN n.schema IS NULL THEN '' ELSE quote_ident(n.schema) || '.' END || quote_ident(n.name))
  LEFT JOIN pg_namespace s ON s.oid = c.relnamespace
  ORDER BY n.ord`

/**
 * Tables by store and name, for the whole process. The deleting statement counts the foreign keys, and so notices changes
 * that this cache misses.
 */
const cache = new Map<string, Map<string, Table>>()

export function forgetTables(store?: string): void {
  if (store === undefined) cache.clear()
  else cache.delete(store)
}

export type FindTable = (table: WantedTable) => Table | null

/** Reads tables, and gives a lookup by name; null for a missing table, which is read again next time. */
export async function readTables(
  client: StoreClient,
  tables: readonly WantedTable[],
  signal: AbortSignal,
): Promise<FindTable> {
  const known = cache.get(client.store.id) ?? new Map<string, Table>()
  cache.set(client.store.id, known)
  const unknown = [...new Map(tables.map((table) => [nameOf(table), table]))].filter(([name]) => !known.has(name))
  if (unknown.length > 0) {
    const wanted = unknown.map(([, table]) => table)
    const rows = await client.rows(
      tablesSql,
      [wanted.map(({ schema }) => schema), wanted.map(({ table }) => table)],
      signal,
    )
    for (const [index, [name]] of unknown.entries()) {
      const text = rows[index]?.[0]
      if (text) known.set(name, JSON.parse(text) as Table)
    }
  }
  return (table) => known.get(nameOf(table)) ?? null
}

function nameOf({ schema, table }: WantedTable): string {
  return schema === null ? quoteIdentifier(table) : quoteTable({ schema, table })
}
