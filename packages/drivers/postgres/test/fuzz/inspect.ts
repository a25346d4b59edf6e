/** The content of a database at the end of an episode, and its log of who wrote each row. */
import pg from 'pg'

export interface LogRow {
  readonly step: string | null
  readonly who: 'test' | 'pool' | 'stranger'
  readonly role: string
  readonly depth: number
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE'
  readonly leaf: string
  readonly type: string
  readonly old_key: readonly string[] | null
  readonly new_key: readonly string[] | null
}

export interface Inspection {
  readonly state: unknown
  readonly log: readonly LogRow[]
  /** Types of the tables that exist. */
  readonly tables: ReadonlySet<string>
}

const tablesSql = `SELECT c.oid::regclass::text AS name, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS type
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema|log$)' ORDER BY 1`

const sequencesSql = `SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE schemaname <> 'log' ORDER BY 1, 2`

export async function inspect(url: string): Promise<Inspection> {
  const client = new pg.Client(url)
  await client.connect()
  const ask = async (sql: string) => (await client.query(sql)).rows
  const tables = await ask(tablesSql)
  const rows = tables.map(
    ({ name }) => `SELECT '${name.replaceAll("'", "''")}' AS name, t::text AS row FROM ONLY ${name} t`,
  )
  const state = {
    rows: await ask(`${rows.join(' UNION ALL ')} ORDER BY 1, 2`),
    sequences: await ask(sequencesSql),
  }
  const log = await ask('SELECT * FROM log.rows ORDER BY n')
  await client.end()
  return { state, log, tables: new Set(tables.map(({ type }) => type)) }
}
