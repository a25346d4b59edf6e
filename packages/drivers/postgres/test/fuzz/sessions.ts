/** Statements that are neither INSERT nor a change of rows: queries, settings, messages, functions, errors. */
import type { Writer } from './writer.ts'

export function aside(writer: Writer): string {
  const { random } = writer
  return random.pick(asides)(writer)
}

const asides: readonly ((writer: Writer) => string)[] = [
  () => 'SELECT 1 AS one, 2 AS one',
  () => `SELECT 'INSERT INTO users' AS text`,
  ({ random }) => `SELECT id, name FROM people WHERE id < ${random.below(9)} ORDER BY id`,
  () => 'TABLE people LIMIT 0',
  () => '',
  () => '-- nothing',
  () => 'SELEC 1',
  () => `INSERT INTO INTO users`,
  () => `INSERT INTO nope (a) VALUES (1)`,
  () => `INSERT INTO users (nope) VALUES (1) RETURNING *`,
  () => `INSERT INTO nowhere.users DEFAULT VALUES`,
  () => `INSERT INTO users (name) VALUES ('unfinished`,
  () => 'SELECT 1 / 0',
  () => `SELECT nope FROM users`,
  ({ random }) => `LISTEN c${random.below(2)}`,
  ({ random }) => `NOTIFY c${random.below(2)}, 'it''s; me'`,
  () => 'UNLISTEN *',
  () => 'SHOW search_path',
  () => `SET statement_timeout = '10s'`,
  () => `SET LOCAL lock_timeout = '9s'`,
  () => `SELECT set_config('fuzz.other', 'x', true)`,
  () => 'RESET statement_timeout',
  () => 'LOCK TABLE people IN SHARE MODE',
  () => 'SET CONSTRAINTS ALL IMMEDIATE',
  () => 'SAVEPOINT outside',
  () => 'ROLLBACK TO nowhere',
  () => 'DEALLOCATE nothing',
  () => 'EXECUTE nothing',
  () => `PREPARE TRANSACTION 'p'`,
  () => `COMMENT ON TABLE people IS 'insert'`,
  () => 'ANALYZE people',
  () => 'EXPLAIN (COSTS OFF) INSERT INTO people VALUES (99)',
  (writer) => {
    writer.mayMiss({ type: 'people' }, 'DUSTPAN_SQL_UNATTRIBUTED')
    return `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) INSERT INTO people VALUES (${200 + writer.random.below(200)})`
  },
  (writer) => {
    writer.mayMiss({ type: 'people' }, 'DUSTPAN_SQL_UNATTRIBUTED')
    return `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) WITH n AS (INSERT INTO people VALUES (${400 + writer.random.below(200)})) SELECT 1`
  },
  (writer) => {
    writer.mayMiss({ type: 'parts' }, null)
    return `SELECT make_part(${100 + writer.random.below(99)})`
  },
  (writer) => {
    writer.mayMiss({ type: 'parts' }, null)
    return `CALL make_parts(${100 + writer.random.below(99)})`
  },
  (writer) => {
    writer.mayMiss({ type: 'parts' }, 'DUSTPAN_SQL_UNATTRIBUTED')
    return `DO $$ BEGIN INSERT INTO parts VALUES (${100 + writer.random.below(99)}, 'do', 'x'); RAISE NOTICE 'done; really'; END $$`
  },
  () => `DO $$ BEGIN RAISE WARNING 'nothing but a warning'; END $$`,
  ({ random }) =>
    `TRUNCATE ${random.pick(['notes', 'rich', 'split', 'people', 'ONLY people', 'parts, codes', 'users CASCADE', 'taxed RESTART IDENTITY', 'users', 'split_eu'])}`,
  ({ random }) => `ALTER TABLE taxed ADD COLUMN more${random.below(1000)} int DEFAULT 1`,
  ({ random }) => `ALTER TABLE fast ALTER COLUMN v SET DEFAULT 'd${random.below(1000)}'`,
  (writer) => {
    writer.mayMiss({ type: 'passing' }, 'DUSTPAN_SQL_UNATTRIBUTED')
    return `CREATE TEMP TABLE IF NOT EXISTS passing (id int PRIMARY KEY); INSERT INTO passing VALUES (${writer.random.below(99)})`
  },
]
