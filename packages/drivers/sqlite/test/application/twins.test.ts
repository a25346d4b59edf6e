/** Random statements on a database with the log and on a twin without it. */
import { difference } from '@dustpan/conformance/sql-fuzz'
import { expect, test } from 'vitest'
import { collectRows } from '../../src/application/collect-rows.ts'
import { inspect } from '../../src/application/inspect.ts'
import { installStatements } from '../../src/application/installation.ts'
import { announce } from '../../src/application/presence.ts'
import { clientOf, type Database } from '../../src/client.ts'
import { clients, opened, rows, type TestClient, type TestDatabase } from '../clients.ts'
import { play } from '../fuzz/play.ts'
import { createdSql, schema } from '../fuzz/schema.ts'
import { type Step, script } from '../fuzz/script.ts'

const count = 2_000
/** Attached databases are not logged. */
const createdInMain = createdSql
  .split(' UNION ALL ')
  .filter((sql) => !sql.includes('FROM far.'))
  .join(' UNION ALL ')
const end: Step = { by: 'exec', text: 'ROLLBACK', values: [] }

/** A row that replaces an existing one does not count as created. */
test.each(clients)(
  'random statements return the same results as without the log, and exactly the created rows are collected ($name)',
  (client) => {
    const distinct = new Set<string>()
    for (let seed = 1; distinct.size < count; seed++) {
      const steps = [...script(seed, 100), end]
      for (const { text, values } of steps) distinct.add(`${text} ${values.map(String)}`)
      const { differences, collected, created } = compared(client, steps)
      expect([seed, differences]).toEqual([seed, []])
      expect([seed, collected]).toEqual([seed, created])
    }
  },
)

function compared(client: TestClient, steps: readonly Step[]) {
  const [bare, withLog] = [opened(client), opened(client)]
  bare.exec(schema)
  const before = namesOf(bare, createdInMain.replaceAll("origin = 'test'", "origin = 'seed'"))
  withLog.exec(schema)
  const own = clientOf(withLog as unknown as Database)
  for (const statement of installStatements(inspect(own), { unattributed: 'claim', ignored: [] }))
    withLog.exec(statement)
  const answers = difference(play(bare, steps), play(withLog, steps))
  const created = namesOf(bare, createdInMain).filter((row) => !before.includes(row))
  const collected = collectedIn(withLog)
  bare.close()
  withLog.close()
  return {
    differences: [answers].filter((text) => text !== undefined),
    collected,
    created: [...new Set(created)].sort(),
  }
}

function namesOf(database: TestDatabase, sql: string): string[] {
  return rows(database, sql).map((row) => String((row as { row: unknown }).row))
}

function collectedIn(database: TestDatabase): string[] {
  const found: string[] = []
  const own = clientOf(database as unknown as Database)
  announce(own, { run: 'r', writer: 'w', since: 0 }, 0)
  collectRows(
    own,
    '',
    { run: 'r', writer: 'w', scopes: [], unattributed: { from: 0, to: Number.MAX_SAFE_INTEGER, runs: [''] } },
    {
      isKnown: () => false,
      notCreated: () => {},
      record: (_, sets) =>
        void found.push(
          ...sets.flatMap(({ type, keys }) =>
            keys.map((key) => `${type} ${typeof key === 'string' ? key : JSON.stringify(key)}`),
          ),
        ),
    },
    undefined,
    undefined,
  )
  return found.sort()
}
