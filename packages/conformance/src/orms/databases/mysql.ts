import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { server } from '../../servers/index.ts'
import { type StartDatabase, type StoredRow, schema, storedRow } from './database.ts'

const databaseOn =
  (kind: 'mariadb' | 'mysql'): StartDatabase =>
  async () => {
    const found = await server(kind)
    if ('missing' in found) return found
    return {
      product: found.product,
      use: '@dustpan/mysql',
      async create() {
        const url = await found.database(schema('id integer AUTO_INCREMENT PRIMARY KEY'))
        return { url, options: { url }, rows: () => rowsOf(url) }
      },
      [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
    }
  }

export const mariadb = databaseOn('mariadb')
export const mysql = databaseOn('mysql')

async function rowsOf(url: string): Promise<readonly StoredRow[]> {
  const connection = await createConnection(url)
  try {
    const [tables] = await connection.query<RowDataPacket[][]>({ sql: 'SHOW TABLES', rowsAsArray: true })
    const rows: StoredRow[] = []
    for (const [name] of tables) {
      const table = String(name)
      const [found] = await connection.query<RowDataPacket[]>(`SELECT * FROM \`${table}\` ORDER BY 1, 2`)
      rows.push(...found.map((row) => storedRow(table, row)))
    }
    return rows
  } finally {
    await connection.end()
  }
}
