/** What is put into the user's file, beside the triggers. The layout's number stands in each table's text: what has another one is replaced. */

/** By this comment a table of that name is known to be Dustpan's. */
const layout = '/* Dustpan: what the application under test writes (layout 1) */'
export const anyLayout = /\/\* Dustpan: what the application under test writes \(layout \d+\) \*\//

/**
 * One line for each row that was written, in the order of the writing; `tbl` is the number of the table's triggers, which go with the table.
 * Times are milliseconds since the epoch. No index: the application would pay for it with each row. No AUTOINCREMENT: its table of counters
 * could not be taken out again.
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

/** For whom the application works, set and taken back within the transaction that writes. */
const context = `CREATE TABLE dustpan_context ( ${layout}
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run TEXT,
  scope TEXT
)`

/** Who is at work: while another process is, nobody knows whose a row without a name is. `version` is the schema's, when it began. */
const writer = `CREATE TABLE dustpan_writer ( ${layout}
  run TEXT,
  writer TEXT,
  began REAL,
  seen REAL,
  ended REAL,
  version INTEGER,
  PRIMARY KEY (run, writer)
) WITHOUT ROWID`

/** What empties all tables of a database must not take the row with it: without it, nothing is logged. */
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

/** Triggers on a table go with it. */
export const dropTables: readonly string[] = Object.keys(logTables).map((name) => `DROP TABLE IF EXISTS ${name}`)

export const isLogTable = (name: string): boolean => Object.hasOwn(logTables, name)

/** Now, in the log's form: the same for all rows of a statement. */
export const nowSql = `(julianday('now') - 2440587.5) * 86400000.0`
