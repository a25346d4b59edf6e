/** Generates the SQL that adds the metadata columns for rows created by tests. */
import { DustpanError, type MetadataColumns, type MetadataMigration, type TableMigration } from '@dustpan/core/driver'
import { endpointId, endpointOf } from '../identity.ts'
import { literal, parseTableName, quoteName, quoteTable, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import { OwnClient } from '../removal/own-client.ts'
import type { Table } from '../tables.ts'

export function metadataMigration(driver: string, url: string, settings: Settings, root: string): MetadataMigration {
  const store = endpointId(endpointOf(url))
  return {
    store,
    async plan(tables, columns, ctx) {
      await using client = await OwnClient.connect({ driver, id: store }, settings, root, ctx)
      const { signal } = ctx
      const names = tables ?? (await ownTables(client, signal))
      const planned: TableMigration[] = []
      for (const name of names) {
        const { schema = null, table = name } = parseTableName(tables ? name : quoteName(name)) ?? {}
        const found = await client.table({ schema, table }, signal)
        if (!found) throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', `${store} has no table ${name}`)
        planned.push(
          migrationOf(found, columns, client.session.database, await isIndexed(client, found, columns, signal)),
        )
      }
      return planned
    },
  }
}

async function ownTables(client: OwnClient, signal: AbortSignal): Promise<readonly string[]> {
  const text = `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(client.session.database)} AND table_type = 'BASE TABLE' ORDER BY 1`
  return (await client.rows(text, signal)).map(([name]) => name ?? '')
}

async function isIndexed(
  client: OwnClient,
  { schema, table }: Table,
  { run }: MetadataColumns,
  signal: AbortSignal,
): Promise<boolean> {
  const text = `SELECT 1 FROM information_schema.statistics WHERE table_schema = ${literal(schema)} AND table_name = ${literal(table)}
    AND column_name = ${literal(run)} AND seq_in_index = 1 LIMIT 1`
  return (await client.rows(text, signal)).length > 0
}

/**
 * Adds what is missing. The columns are invisible, so that statements without a column list keep their meaning. A default cannot
 * read the session's mark, so a trigger sets it; it cannot fail.
 */
function migrationOf(table: Table, names: MetadataColumns, database: string, isIndexed: boolean): TableMigration {
  const name = typeOf(table, database)
  const why = unfit(table, names)
  if (why !== undefined) return { table: name, lacks: [], sql: [], why }
  const added = columnsSql(table, names)
  const steps = [
    { what: 'columns', isLacking: added !== undefined, sql: added ?? '' },
    { what: 'default', isLacking: !table.marked, sql: triggerSql(table, names) },
    { what: 'index', isLacking: !isIndexed, sql: indexSql(table, names) },
  ] as const
  const lacking = steps.filter((step) => step.isLacking)
  return { table: name, lacks: lacking.map(({ what }) => what), sql: lacking.map(({ sql }) => sql) }
}

function unfit({ isTable, columns }: Table, { run }: MetadataColumns): string | undefined {
  if (!isTable) return 'it is no table'
  const type = columns.get(run)?.type
  return type === undefined || /char|text/.test(type) ? undefined : `its column ${run} is no text, but ${type}`
}

function columnsSql(table: Table, { run, createdByTest, createdAt }: MetadataColumns): string | undefined {
  const types = [
    [run, 'varchar(50)'],
    [createdByTest, 'boolean'],
    [createdAt, 'datetime'],
  ] as const
  const added = types.filter(([column]) => !table.columns.has(column))
  const list = added.map(([column, type]) => `  ADD COLUMN ${quoteName(column)} ${type} INVISIBLE`).join(',\n')
  return added.length === 0 ? undefined : `ALTER TABLE ${quoteTable(table)}\n${list};`
}

function triggerSql(table: Table, { run, createdByTest, createdAt }: MetadataColumns): string {
  const values = [
    [run, '@dustpan_marker'],
    [createdByTest, '@dustpan_marker IS NOT NULL'],
    [createdAt, 'IF(@dustpan_marker IS NULL, NULL, NOW())'],
  ] as const
  const list = values.map(
    ([column, value]) => `  NEW.${quoteName(column)} = COALESCE(NEW.${quoteName(column)}, ${value})`,
  )
  return `CREATE TRIGGER ${triggerName(table, run)} BEFORE INSERT ON ${quoteTable(table)} FOR EACH ROW SET\n${list.join(',\n')};`
}

function indexSql(table: Table, { run }: MetadataColumns): string {
  const index = quoteName(`${table.table}_${run}`.slice(0, 64))
  return `CREATE INDEX ${index} ON ${quoteTable(table)} (${quoteName(run)});`
}

/** A trigger belongs to the database of its table. */
function triggerName({ schema, table }: Table, run: string): string {
  return `${quoteName(schema)}.${quoteName(`${table}_${run}`.slice(0, 64))}`
}
