import { describe, expect, test } from 'vitest'
import { clients, installed, opened, rows, uninstalled } from '../clients.ts'

/** Random statements, the same for each seed. */
function script(seed: number): string[] {
  let state = seed * 2654435761
  const dice = (sides: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0
    return (state >>> 0) % sides
  }
  const key = () => dice(8) + 10
  const kinds: (() => string)[] = [
    () => `INSERT INTO t (id, u) VALUES (${key()}, ${dice(9)})`,
    () => `INSERT INTO t (u) VALUES (${dice(9) + 100}), (${dice(9) + 200})`,
    () => `INSERT OR IGNORE INTO t (id, u) VALUES (${key()}, ${dice(9)}), (${key()}, ${dice(9)})`,
    () => `INSERT OR REPLACE INTO t (id, u) VALUES (${key()}, ${dice(9)})`,
    () => `INSERT OR FAIL INTO t (id, u) VALUES (${key()}, ${dice(9)}), (${key()}, ${dice(9)})`,
    () => `INSERT OR ROLLBACK INTO t (id, u) VALUES (${key()}, ${dice(9)})`,
    () => `INSERT INTO t (id, u) VALUES (${key()}, ${dice(9)}) ON CONFLICT (id) DO UPDATE SET n = n + 1`,
    () => `DELETE FROM t WHERE id = ${key()}`,
    () => `UPDATE t SET id = ${key()} WHERE id = ${key()}`,
    () => 'BEGIN',
    () => 'COMMIT',
    () => 'ROLLBACK',
    () => `SAVEPOINT s${dice(2)}`,
    () => `ROLLBACK TO s${dice(2)}`,
    () => `RELEASE s${dice(2)}`,
    () => `CREATE TABLE IF NOT EXISTS extra${dice(2)} (id INTEGER PRIMARY KEY)`,
    () => `INSERT INTO extra${dice(2)} DEFAULT VALUES; INSERT INTO t (u) VALUES (${dice(9) + 300})`,
  ]
  return [...Array.from({ length: 60 }, () => (kinds[dice(kinds.length)] as () => string)()), 'COMMIT']
}

const schema = `CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, n INTEGER DEFAULT 0);
  CREATE TABLE audit (id INTEGER PRIMARY KEY, t INTEGER);
  CREATE TRIGGER t_audit AFTER INSERT ON t BEGIN INSERT INTO audit (t) VALUES (NEW.id); END`

describe.each(clients)('$name', (client) => {
  test('random statements return the same results as without capture, and exactly the existing rows are tracked', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const statements = script(seed)
      const twin = opened(client)
      twin.exec(schema)
      const expected = statements.map((statement) => answer(() => twin.exec(statement)))
      const sink = installed(client)
      const database = opened(client)
      database.exec(schema)
      const answers = statements.map((statement) => answer(() => database.exec(statement)))
      expect(answers, `seed ${seed}`).toEqual(expected)
      const existing = ['t', 'audit', 'extra0', 'extra1'].flatMap((table) =>
        answerRows(() => rows(database, `SELECT id FROM ${table}`)).map(
          (row) => `${table} ${(row as { id: number }).id}`,
        ),
      )
      expect(sink.live().sort(), `seed ${seed}: ${statements.join(';\n')}`).toEqual(existing.sort())
      expect(sink.warnings).toEqual([])
      database.close()
      expect(sink.settled).not.toContain('open')
      uninstalled()
    }
  })
})

function answer(run: () => unknown): string {
  try {
    run()
    return 'done'
  } catch (error) {
    return String(error)
  }
}

function answerRows(run: () => unknown[]): unknown[] {
  try {
    return run()
  } catch {
    return []
  }
}
