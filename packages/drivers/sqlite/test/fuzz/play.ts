/** Runs a script and returns everything that a user could see. */
import type { TestDatabase, TestStatement } from '../clients.ts'
import type { Step } from './script.ts'

export function play(database: TestDatabase, steps: readonly Step[]): unknown[] {
  return steps.map((step) => {
    const given = answer(() => run(database, step))
    return {
      given,
      ...(failed in (given as object) || !writes.test(step.text.replace(/'[^']*'/g, '')) ? {} : counts(database)),
    }
  })
}

function run(database: TestDatabase, { by, text, values }: Step): unknown {
  if (by === 'exec') return database.exec(text) === undefined
  const statement = database.prepare(text)
  if (!writes.test(text)) return statement.all(...values)
  return calls[by](statement, values)
}

const calls: {
  readonly [way in Exclude<Step['by'], 'exec'>]: (statement: TestStatement, values: readonly unknown[]) => unknown
} = {
  run: (statement, values) => statement.run(...values),
  get: (statement, values) => statement.get(...values),
  all: (statement, values) => statement.all(...values),
  iterate: (statement, values) => [...statement.iterate(...values)],
  first(statement, values) {
    for (const row of statement.iterate(...values)) return row
    return 'none'
  },
  twice: (statement, values) => [statement.run(...values), answer(() => statement.run(...values))],
}

function counts(database: TestDatabase) {
  const sql = 'SELECT changes() AS changes, CAST(last_insert_rowid() AS TEXT) AS rowid'
  return database.prepare(sql).get() as { changes: number; rowid: string }
}

/** After a failure, `changes()` and `last_insert_rowid()` depend on whether the table has triggers. */
const failed = 'failed'
const writes = /\b(?:insert|replace|update|delete)\b/i

function answer(run: () => unknown): unknown {
  try {
    return { value: structuredClone(run()) }
  } catch (error) {
    return {
      failed: true,
      ...(error as object),
      message: (error as Error).message,
      type: (error as object).constructor.name,
    }
  }
}

/** Every row of every table, and the schema. */
export function state(database: TestDatabase): unknown {
  const masters = ['main', 'far'].flatMap((schema) =>
    all(database, `SELECT '${schema}' AS db, type, name, tbl_name, sql FROM ${schema}.sqlite_master ORDER BY name`),
  )
  const tables = masters.filter(({ type }) => type === 'table')
  return [masters, ...tables.map(({ db, name }) => rowsOf(database, String(db), String(name)))]
}

function rowsOf(database: TestDatabase, schema: string, name: string): unknown {
  const quoted = (text: unknown) => `"${String(text).replaceAll('"', '""')}"`
  const columns = all(database, `PRAGMA ${schema}.table_xinfo(${quoted(name)})`)
  return all(
    database,
    `SELECT ${columns.map((column) => `quote(${quoted(column.name)})`).join(', ')} FROM ${schema}.${quoted(name)}`,
  )
}

function all(database: TestDatabase, sql: string): Record<string, unknown>[] {
  return database.prepare(sql).all() as Record<string, unknown>[]
}
