/** The application under test: a separate process with its own connection to the file, controlled over IPC. */
import { DatabaseSync } from 'node:sqlite'

export interface Command {
  readonly sql: string
  /** The run and scope, if any, set as an application in any language would. */
  readonly run?: string
  readonly scope?: string
  /** A query whose rows are returned. */
  readonly select?: string
}

const database = new DatabaseSync(String(process.argv[2]), { timeout: 5000 })
database.exec('PRAGMA foreign_keys = ON')

process.on('message', (command: Command) => {
  try {
    process.send?.({ rows: execute(command) })
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    process.send?.({ error: String(error) })
  }
})
process.on('disconnect', () => process.exit())

function execute({ sql, run, scope, select }: Command): unknown[] {
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
