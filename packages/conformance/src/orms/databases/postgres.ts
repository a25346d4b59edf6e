import pg from 'pg'
import { server } from '../../servers/index.ts'
import { type StartDatabase, type StoredRow, schema, storedRow } from './database.ts'

export const postgres: StartDatabase = async () => {
  const found = await server('postgres')
  if ('missing' in found) return found
  return {
    product: found.product,
    use: '@dustpan/postgres',
    async create() {
      const url = await found.database(schema('id serial PRIMARY KEY'))
      return { url, options: { url }, rows: () => rowsOf(url) }
    },
    [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
  }
}

async function rowsOf(url: string): Promise<readonly StoredRow[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const tables = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
    const rows: StoredRow[] = []
    for (const { tablename } of tables.rows) {
      const found = await client.query(`SELECT * FROM "${tablename}" ORDER BY 1, 2`)
      rows.push(...found.rows.map((row) => storedRow(tablename, row)))
    }
    return rows
  } finally {
    await client.end()
  }
}
