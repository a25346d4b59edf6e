/** Generates the SQL that adds the metadata columns for rows created by tests. */
import { DustpanError, type MetadataColumns, type MetadataMigration, type TableMigration } from '@dustpan/core/driver'
import { canBeMarked, markerColumn } from '../capture/marking.ts'
import type { Client } from '../client.ts'
import type { ClientName } from '../options.ts'
import { quoted } from '../quote.ts'
import { openClient } from '../removal/open-client.ts'
import { readTables, sameName, type Table } from '../tables.ts'

export function metadataMigration(path: string, root: string, client: ClientName | undefined): MetadataMigration {
  return {
    store: `sqlite:${path}`,
    async plan(tables, columns) {
      const open = await openClient(path, { client, root })
      try {
        return tablesNamed(open, path, tables).map((table) => migrationOf(open, table, columns))
      } finally {
        open.close()
      }
    },
  }
}

function tablesNamed(client: Client, path: string, names: readonly string[] | undefined): readonly Table[] {
  const tables = readTables(client).filter(({ schema, virtual }) => schema === 'main' && !virtual)
  const missing = names?.find((name) => !tables.some((table) => sameName(table.name, name)))
  if (missing !== undefined) throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', `${path} has no table ${missing}`)
  return tables.filter(({ name }) => names === undefined || names.some((wanted) => sameName(name, wanted)))
}

function migrationOf(client: Client, table: Table, columns: MetadataColumns): TableMigration {
  const why = unfit(client, table, columns)
  if (why !== undefined) return { table: table.name, lacks: [], sql: [], why }
  const added = columnsSql(table, columns)
  const index = isIndexed(client, table, columns.run) ? [] : [indexSql(table, columns.run)]
  const lacks: TableMigration['lacks'] = [
    ...(added.length > 0 ? ['columns' as const] : []),
    ...index.map(() => 'index' as const),
  ]
  return { table: table.name, lacks, sql: [...added, ...index] }
}

function unfit(client: Client, table: Table, columns: MetadataColumns): string | undefined {
  if (!canBeMarked(client, table)) return 'it has triggers for updates, which a mark would set off'
  const hasColumn = [...table.columns.keys()].some((column) => sameName(column, columns.run))
  if (!hasColumn || markerColumn(table, { run: '', columns }) !== undefined) return undefined
  return `its column ${columns.run} is no text`
}

function columnsSql(table: Table, { run, createdByTest, createdAt }: MetadataColumns): string[] {
  const types = [
    [run, 'TEXT'],
    [createdByTest, 'INTEGER'],
    [createdAt, 'TEXT'],
  ] as const
  const lacking = types.filter(([name]) => ![...table.columns.keys()].some((column) => sameName(column, name)))
  return lacking.map(([name, type]) => `ALTER TABLE ${quoted(table.name)} ADD COLUMN ${quoted(name)} ${type};`)
}

function indexSql({ name }: Table, run: string): string {
  return `CREATE INDEX IF NOT EXISTS ${quoted(`${name}_${run}`)} ON ${quoted(name)} (${quoted(run)}) WHERE ${quoted(run)} IS NOT NULL;`
}

function isIndexed(client: Client, { name }: Table, run: string): boolean {
  const indexes = client.all(`PRAGMA main.index_list(${quoted(name)})`).map((row) => String(row.name))
  return indexes.some((index) => sameName(String(client.all(`PRAGMA main.index_info(${quoted(index)})`)[0]?.name), run))
}
