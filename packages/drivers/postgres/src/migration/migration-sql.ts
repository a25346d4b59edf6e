import type { MetadataColumns, TableMigration } from '@dustpan/core/driver'
import { quoteIdentifier, type TableName, typeOf } from '../names.ts'

/** The metadata columns that a table has. */
export interface TableColumns extends TableName {
  /** `r` table, `p` partitioned, `v` view … */
  readonly kind: string
  readonly isPartition: boolean
  readonly columns: { readonly [name: string]: { readonly type: string; readonly isMarked: boolean } }
  /** Whether an index finds rows by the run. */
  readonly isIndexed: boolean
}

/** The mark of the session: the test's own, else the one that the application was given with a request. NULL without either. */
const mark = `coalesce(nullif(current_setting('dustpan.marker', true), ''), nullif(current_setting('dustpan.run', true), ''))`

/**
 * Adds what is missing. Columns are added without a default first, so that existing rows get no value and no table is
 * rewritten. The defaults never fail, whoever inserts.
 */
export function migrationOf(table: TableColumns, names: MetadataColumns): TableMigration {
  const name = typeOf(table)
  const why = unfit(table, names)
  if (why !== undefined) return { table: name, lacks: [], sql: [], why }
  const steps = [columnsStep(table, names), defaultsStep(table, names), indexStep(table, names)]
  const missing = steps.filter((step) => step.isLacking)
  return { table: name, lacks: missing.map(({ what }) => what), sql: missing.map(({ sql }) => sql) }
}

function unfit({ kind, isPartition, columns }: TableColumns, { run }: MetadataColumns): string | undefined {
  if (kind !== 'r' && kind !== 'p') return 'it is no table'
  if (isPartition) return 'it is a partition: it takes the columns of its table'
  const type = columns[run]?.type
  return type === undefined || type === 'text' || type.startsWith('character varying')
    ? undefined
    : `its column ${run} is no text, but ${type}`
}

interface Step {
  readonly what: TableMigration['lacks'][number]
  readonly isLacking: boolean
  readonly sql: string
}

function columnsStep(table: TableColumns, { run, createdByTest, createdAt }: MetadataColumns): Step {
  const types = [
    [run, 'varchar(50)'],
    [createdByTest, 'boolean'],
    [createdAt, 'timestamptz'],
  ] as const
  const added = types.filter(([column]) => !Object.hasOwn(table.columns, column))
  const list = added
    .map(([column, type]) => `  ADD COLUMN IF NOT EXISTS ${quoteIdentifier(column)} ${type}`)
    .join(',\n')
  return { what: 'columns', isLacking: added.length > 0, sql: `ALTER TABLE ${nameOf(table)}\n${list};` }
}

function defaultsStep(table: TableColumns, { run, createdByTest, createdAt }: MetadataColumns): Step {
  const values = [
    [run, `left(${mark}, 50)`],
    [createdByTest, `(${mark} IS NOT NULL)`],
    [createdAt, `CASE WHEN ${mark} IS NOT NULL THEN now() END`],
  ] as const
  const list = values
    .map(([column, value]) => `  ALTER COLUMN ${quoteIdentifier(column)} SET DEFAULT ${value}`)
    .join(',\n')
  const isLacking = values.some(([column]) => table.columns[column]?.isMarked !== true)
  return { what: 'default', isLacking, sql: `ALTER TABLE ${nameOf(table)}\n${list};` }
}

function indexStep(table: TableColumns, { run }: MetadataColumns): Step {
  const column = quoteIdentifier(run)
  const index = quoteIdentifier(`${table.table}_${run}`.slice(0, 63))
  const sql = `CREATE INDEX IF NOT EXISTS ${index} ON ${nameOf(table)} (${column}) WHERE ${column} IS NOT NULL;`
  return { what: 'index', isLacking: !table.isIndexed, sql }
}

function nameOf({ schema, table }: TableName): string {
  return schema === 'public' ? quoteIdentifier(table) : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}
