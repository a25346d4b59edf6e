import { arrayLiteral } from '../array-literal.ts'
import type { TypedColumn } from '../key-value.ts'
import type { TableName } from '../names.ts'
import type { Session } from '../session.ts'
import type { Rewriting } from './rewriting.ts'
import type { Analysis, TableReference } from './statement.ts'

/** What the database says of a table, for the role and search path of one session. */
export interface TableFacts extends TableName {
  readonly oid: number
  /** `r` table, `p` partitioned, `v` view, `f` foreign … */
  readonly kind: string
  readonly temporary: boolean
  /** Row-level security is in force for this role. */
  readonly secured: boolean
  /** The role may read the whole row, system columns included. */
  readonly readable: boolean
  /** Other tables inherit from it: what is deleted from it may be theirs. */
  readonly inherited: boolean
  /** Rules on INSERT or DELETE. */
  readonly rules: boolean
  /** The primary key, else a unique key of NOT NULL columns; empty without one. */
  readonly key: readonly KeyColumn[]
  /** The column that its default fills with the mark of the session, if there is one that may be read. */
  readonly marker: string | null
}

export interface KeyColumn extends TypedColumn {
  readonly readable: boolean
  /** The types that its values are made of: its own, or those of its elements, bounds and fields. `other` stands for an extension's. */
  readonly holds: readonly string[]
}

/** What a key's type `t` is made of. PostgreSQL 13 has no multiranges. */
const holds = `(WITH RECURSIVE h(oid) AS (SELECT t.oid UNION SELECT p.oid FROM h JOIN pg_catalog.pg_type y ON y.oid = h.oid, LATERAL (
      SELECT y.typbasetype AS oid UNION ALL SELECT y.typelem
      UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE y.oid::int8 IN (r.rngtypid::int8, (to_jsonb(r) ->> 'rngmultitypid')::int8)
      UNION ALL SELECT b.atttypid FROM pg_catalog.pg_attribute b WHERE b.attrelid = y.typrelid AND b.attnum > 0 AND NOT b.attisdropped) p WHERE p.oid <> 0)
    SELECT coalesce(json_agg(CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace OR y.typname = 'citext' THEN y.typname ELSE 'other' END), '[]')
    FROM h JOIN pg_catalog.pg_type y ON y.oid = h.oid WHERE y.typtype = 'b' AND y.typcategory <> 'A')`

/**
 * Facts of the tables named in `$1` and `$2` (schemas, null for the search path; names), in their order, null for one that is not there.
 * Names with a schema are looked up in the catalog: `to_regclass` fails where the schema may not be used, and that would end a transaction.
 */
export const factsSql = `SELECT json_agg(f.facts ORDER BY f.ord) FROM (
  SELECT n.ord, CASE WHEN c.oid IS NOT NULL THEN json_build_object(
    'oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'kind', c.relkind, 'temporary', c.relpersistence = 't',
    'inherited', c.relkind = 'r' AND c.relhassubclass, 'secured', row_security_active(c.oid), 'readable', has_table_privilege(c.oid, 'SELECT'),
    'marker', (SELECT a.attname FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE d.adrelid = c.oid AND a.atttypid IN ('varchar'::regtype, 'text'::regtype) AND pg_get_expr(d.adbin, d.adrelid) LIKE '%dustpan.marker%'
        AND has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY a.attnum LIMIT 1),
    'rules', EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type IN ('3', '4')),
    'key', coalesce((
      SELECT json_agg(json_build_object('name', a.attname, 'type', CASE t.typnamespace WHEN 'pg_catalog'::regnamespace THEN '' ELSE
        quote_ident(ts.nspname) || '.' END || quote_ident(t.typname), 'holds', ${holds}, 'readable', has_column_privilege(c.oid, a.attnum, 'SELECT')) ORDER BY k.ord)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace ts ON ts.oid = t.typnamespace
      WHERE k.ord <= i.indnkeyatts), '[]')) END AS facts
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(schema, name, ord)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = CASE WHEN n.schema IS NULL THEN to_regclass(quote_ident(n.name))::oid ELSE (
    SELECT x.oid FROM pg_catalog.pg_class x JOIN pg_catalog.pg_namespace y ON y.oid = x.relnamespace
    WHERE y.nspname = n.schema AND x.relname = n.name) END
  LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT i.* FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indisprimary OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND NOT a.attnotnull AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])))
    ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) i ON true) f`

/** The tables that TRUNCATE … CASCADE of the one whose oid is `$1` empties, itself included. */
export const referencingSql = `WITH RECURSIVE r(oid) AS (
    SELECT $1::int8::oid UNION SELECT conrelid FROM pg_catalog.pg_constraint JOIN r ON confrelid = r.oid WHERE contype = 'f')
  SELECT json_agg(json_build_object('oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname))
  FROM r JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace`

/** The tables known for one store, role and search path, and the statements rewritten by them. */
export class Facts {
  readonly tables = new Map<string, TableFacts | null>()
  #rewritings: WeakMap<Analysis, Rewriting>[] = []

  /** By whether the keys of deleted rows are asked for, and the format that values come in. */
  rewritings(deletes: boolean, binary: boolean): WeakMap<Analysis, Rewriting> {
    const index = (deletes ? 1 : 0) + (binary ? 2 : 0)
    this.#rewritings[index] ??= new WeakMap()
    return this.#rewritings[index]
  }

  clear(): void {
    this.tables.clear()
    this.#rewritings = []
  }
}

const cache = new Map<string, Facts>()

/** The facts known for a store, role and search path: shared by all clients of the process. */
export function factsFor(store: string, { user, searchPath }: Session): Facts {
  const key = JSON.stringify([store, user, searchPath])
  const known = cache.get(key)
  if (known) return known
  const facts = new Facts()
  cache.set(key, facts)
  return facts
}

/** After any change to a schema. Clients hold on to their facts, so these are emptied, never replaced. */
export function forgetFacts(): void {
  for (const facts of cache.values()) facts.clear()
}

/** The values of {@link factsSql}. */
export function factsValues(tables: readonly TableReference[]): readonly string[] {
  return [arrayLiteral(tables.map(({ schema }) => schema ?? null)), arrayLiteral(tables.map(({ table }) => table))]
}
