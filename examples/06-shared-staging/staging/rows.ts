/** Reads every row of the shop's database, and its owner. */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { database, onPostgres, tag } from '../shop.ts'

export interface Row {
  readonly table: string
  readonly id: number
  /** `us`, the name of another tester, or `others`: customers, and the shop itself. */
  readonly whose: string
  readonly columns: Readonly<Record<string, unknown>>
}

type Rows = Readonly<Record<string, readonly Row['columns'][]>>

export async function readRows(): Promise<Row[]> {
  const tables = onPostgres ? await fromPostgres() : fromSqlite()
  return Object.entries(tables).flatMap(([table, rows]) =>
    rows.map((columns) => ({ table, id: Number(columns.id), whose: whoseIs(columns, tables), columns })),
  )
}

function fromSqlite(): Rows {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 5000 })
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all()
  return Object.fromEntries(
    tables.map(({ name }) => [
      String(name),
      db
        .prepare(`SELECT * FROM "${name}" ORDER BY id`)
        .all()
        .map((row) => ({ ...row })),
    ]),
  )
}

async function fromPostgres(): Promise<Rows> {
  const db = new pg.Client({ connectionString: database })
  await db.connect()
  const { rows: tables } = await db.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
  const rows: Record<string, Row['columns'][]> = {}
  for (const { name } of tables) rows[name] = (await db.query(`SELECT * FROM "${name}" ORDER BY id`)).rows
  await db.end()
  return JSON.parse(JSON.stringify(rows))
}

/** The parent that determines the owner, for rows whose own name does not. */
const owners = { user_id: 'users', order_id: 'orders', cart_id: 'carts' }

function whoseIs(row: Row['columns'], tables: Rows): string {
  for (const [column, table] of Object.entries(owners)) {
    const owner = tables[table]?.find(({ id }) => id === row[column])
    if (owner) return whoseIs(owner, tables)
  }
  const tester = /^test-(?:account-)?([a-z]+)/.exec(String(row.name))?.[1]
  return tester === tag ? 'us' : (tester ?? 'others')
}
