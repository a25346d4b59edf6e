/** The application under test: a program of its own, with its own connection to the file, that does as it is told over IPC. */
import { DatabaseSync } from 'node:sqlite'

export interface Order {
  readonly sql: string
  /** For whom, if anybody: as an application in any language says it. */
  readonly run?: string
  readonly scope?: string
  /** What to answer. */
  readonly select?: string
}

const database = new DatabaseSync(String(process.argv[2]), { timeout: 5000 })
database.exec('PRAGMA foreign_keys = ON')

process.on('message', (order: Order) => {
  try {
    process.send?.({ rows: obey(order) })
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    process.send?.({ error: String(error) })
  }
})
process.on('disconnect', () => process.exit())

function obey({ sql, run, scope, select }: Order): unknown[] {
  if (run === undefined) database.exec(sql)
  else {
    database.exec('BEGIN IMMEDIATE')
    const set = database.prepare('UPDATE dustpan_context SET run = ?, scope = ?')
    set.run(run, scope ?? null)
    database.exec(sql)
    set.run(null, null)
    database.exec('COMMIT')
  }
  return select === undefined ? [] : database.prepare(select).all()
}
