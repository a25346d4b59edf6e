/** Reads which parts of the log are installed in a database, and which tables could be logged. */
import type { TableName } from '../names.ts'
import type { OwnClient } from '../removal/own-client.ts'

export interface FoundTable extends TableName {
  readonly oid: number
  /** Columns of the primary key; empty without one. */
  readonly key: readonly string[]
  /**
   * A key column whose type has no form by which a row could be found again: an array, a row, JSON (a text in it is logged
   * as its value).
   */
  readonly oddColumn: string | null
  readonly partition: boolean
  /** Whether this role may create a trigger on it. */
  readonly mine: boolean
  /** Whether this role may drop a trigger of it. */
  readonly owned: boolean
  readonly trigger: FoundTrigger | null
}

export interface FoundTrigger {
  readonly name: string
  /** `claim` or `leave`, then the key's columns. */
  readonly args: readonly string[]
  readonly enabled: boolean
}

export interface Found {
  readonly user: string
  /** The comment of the schema `dustpan`; null without a comment, undefined without a schema. */
  readonly schema: string | null | undefined
  /** The source of the trigger function. */
  readonly body: string | undefined
  readonly tables: readonly FoundTable[]
}

/** Triggers are found by their function, as tables may have been renamed. Triggers of partitions are copies of the parent's. */
const foundSql = `SELECT json_build_object(
  'user', current_user,
  'schema', (SELECT json_build_array(obj_description(n.oid, 'pg_namespace')) FROM pg_namespace n WHERE n.nspname = 'dustpan'),
  'body', (SELECT p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'dustpan' AND p.proname = 'log_row'),
  'tables', coalesce((SELECT json_agg(json_build_object(
      'oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'mine', has_table_privilege(c.oid, 'TRIGGER'), 'owned', pg_has_role(c.relowner, 'USAGE'),
      'key', coalesce((SELECT json_agg(a.attname ORDER BY k.ord) FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND k.ord <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum), '[]'),
      'oddColumn', (SELECT a.attname FROM pg_index i, pg_attribute a, pg_type y WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid
        AND a.attnum = ANY (i.indkey::int2[]) AND y.oid = a.atttypid AND (y.typcategory IN ('A', 'C') OR 'jsonb'::regtype IN (y.oid, y.typbasetype)) LIMIT 1),
      'partition', c.relispartition,
      'trigger', (SELECT json_build_object('name', t.tgname, 'args', encode(t.tgargs, 'hex'), 'enabled', t.tgenabled <> 'D')
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE t.tgrelid = c.oid AND t.tgparentid = 0 AND n.nspname = 'dustpan' AND p.proname = 'log_row' ORDER BY t.oid LIMIT 1))
      ORDER BY s.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND s.nspname NOT IN ('pg_catalog', 'information_schema', 'dustpan') AND s.nspname !~ '^pg_(toast|temp)'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      AND (NOT c.relispartition OR EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE t.tgrelid = c.oid AND t.tgparentid = 0 AND n.nspname = 'dustpan' AND p.proname = 'log_row'))), '[]'))`

export async function inspect(client: OwnClient, signal: AbortSignal): Promise<Found> {
  const [row] = await client.rows(foundSql, [], signal)
  const { schema, body, tables, user } = JSON.parse(row?.[0] ?? 'null') as {
    readonly user: string
    readonly schema: readonly [string | null] | null
    readonly body: string | null
    readonly tables: readonly (FoundTable & { readonly trigger: (FoundTrigger & { readonly args: string }) | null })[]
  }
  return {
    user,
    schema: schema === null ? undefined : schema[0],
    body: body ?? undefined,
    tables: tables.map((table) => ({
      ...table,
      trigger: table.trigger && { ...table.trigger, args: argumentsIn(table.trigger.args) },
    })),
  }
}

/** Trigger arguments as stored in the catalog: each ends with a NUL byte. */
function argumentsIn(hex: string): readonly string[] {
  return Buffer.from(hex, 'hex').toString('utf8').split('\0').slice(0, -1)
}
