import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { root } from '../workspace.ts'
import type { Block } from './block.ts'

/** Runs SQL on the shop's tables, without lasting effect. */
export async function runSql({ text, attributes }: Block, databaseUrl: string): Promise<void> {
  if (attributes.sqlite) return runSqlite(text)
  await runPostgres(text, databaseUrl)
}

function runSqlite(text: string): void {
  const database = new DatabaseSync(':memory:')
  database.exec(readFileSync(join(root, 'examples/shop/src/database/schema.sqlite.sql'), 'utf8'))
  database.exec(text)
  database.close()
}

async function runPostgres(text: string, databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(hasParameters(text) ? `PREPARE snippet AS ${text}` : text)
    await client.query('ROLLBACK')
  } finally {
    await client.end()
  }
}

/** A statement with parameters is only prepared, which makes the server check its names and types. */
function hasParameters(text: string): boolean {
  return /\$\d/.test(text)
}
