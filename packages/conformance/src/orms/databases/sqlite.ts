import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type StartDatabase, type StoredRow, schema, storedRow } from './database.ts'

export const sqlite: StartDatabase = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-orms-'))
  const [version] = query(':memory:', 'SELECT sqlite_version() AS version')
  let files = 0
  return {
    product: `SQLite ${version?.version}`,
    use: '@dustpan/sqlite',
    async create() {
      const file = join(folder, `shop-${++files}.db`)
      const database = new DatabaseSync(file)
      database.exec(schema('id integer PRIMARY KEY AUTOINCREMENT'))
      database.close()
      return { url: file, options: { file }, rows: async () => rowsOf(file) }
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

function rowsOf(file: string): readonly StoredRow[] {
  const tables = query(
    file,
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1`,
  )
  return tables.flatMap(({ name }) =>
    query(file, `SELECT * FROM "${name}" ORDER BY 1, 2`).map((row) => storedRow(`${name}`, row)),
  )
}

function query(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}
