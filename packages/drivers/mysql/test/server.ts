/** Queries for tests on a real MariaDB or MySQL. */
import mysql from 'mysql2/promise'

/** Runs a script on its own connection, which is not captured as no scope is open. */
export async function once(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await mysql.createConnection({ uri: url, multipleStatements: true })
  try {
    const [rows] = await connection.query(sql)
    return rows as Record<string, unknown>[]
  } finally {
    await connection.end()
  }
}

export async function keysIn(url: string, table: string, column = 'id'): Promise<unknown[]> {
  const rows = await once(url, `SELECT ${column} AS \`key\` FROM ${table} ORDER BY 1`)
  return rows.map(({ key }) => key)
}
