/**
 * The tables that are created in the user's file, beside the triggers. Each table's text contains the layout number; a different
 * layout is replaced.
 */

/** This comment marks a table of that name as Dustpan's. */
const layout = '/* Dustpan: what the application under test writes (layout 1) */'
export const anyLayout = /\/\* Dustpan: what the application under test writes \(layout \d+\) \*\//

/**
 * One line for each written row, in write order; `tbl` is the number of the table's triggers, which are dropped with the table.
 * Times are milliseconds since the epoch. No index: the application would pay for it with each row. No AUTOINCREMENT: its counter
 * table could not be removed again.
 */
const log = `CREATE TABLE dustpan_log ( ${layout}
  id INTEGER PRIMARY KEY,
  run TEXT,
  scope TEXT,
  at REAL,
  tbl INTEGER,
  op TEXT,
  key TEXT,
  key_now TEXT,
  settled INTEGER DEFAULT 0,
  was TEXT,
  now TEXT
)`

/** The scope that the application works for, set and reset within the transaction that writes. */
const context = `CREATE TABLE dustpan_context ( ${layout}
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run TEXT,
  scope TEXT
)`

/**
 * Active writers: while another process is active, the owner of an unattributed row is unknown. `version` is the schema version
 * when the writer began.
 */
const writer = `CREATE TABLE dustpan_writer ( ${layout}
  run TEXT,
  writer TEXT,
  began REAL,
  seen REAL,
  ended REAL,
  version INTEGER,
  PRIMARY KEY (run, writer)
) WITHOUT ROWID`

/** Code that empties all tables of a database must not delete this row: without it, nothing is logged. */
const contextStays = `CREATE TRIGGER dustpan_context_stays BEFORE DELETE ON dustpan_context BEGIN SELECT RAISE(IGNORE); END`

export const logTables: { readonly [name: string]: string } = {
  dustpan_log: log,
  dustpan_context: context,
  dustpan_writer: writer,
}

export const createTables: readonly string[] = [
  log,
  context,
  'INSERT INTO dustpan_context (one) VALUES (1)',
  contextStays,
  writer,
]

/** Dropping a table drops its triggers. */
export const dropTables: readonly string[] = Object.keys(logTables).map((name) => `DROP TABLE IF EXISTS ${name}`)

export const isLogTable = (name: string): boolean => Object.hasOwn(logTables, name)

/** The current time in the log's format: the same for all rows of a statement. */
export const nowSql = `(julianday('now') - 2440587.5) * 86400000.0`
