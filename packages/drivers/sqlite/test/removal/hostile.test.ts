import { writeFileSync } from 'node:fs'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/identity.ts'
import { clients, opened, rows, temporaryFile } from '../clients.ts'
import { connected, driverOf, removed, row, toFile } from './harness.ts'

describe.each(clients)('$name', (client) => {
  const options = { client: client.name }

  function store(schema: string) {
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(schema)
    return { file, database }
  }

  test('ids that look like SQL are treated as values', async () => {
    const ids = [`1'; DROP TABLE t; --`, 'NULL', `') OR 1 --`, '?1', '["a"]', 'ü\n{id}', '']
    const { file, database } = store('CREATE TABLE t (id TEXT PRIMARY KEY)')
    for (const id of [...ids, 'other']) database.prepare('INSERT INTO t VALUES (?)').run(id)
    await using connection = await toFile(file, options)
    expect(
      Object.values(
        await removed(
          connection,
          ids.map((id) => row('t', id)),
        ),
      ),
    ).toEqual(ids.map(() => 'removed'))
    expect(rows(database, 'SELECT id FROM t')).toEqual([{ id: 'other' }])
  })

  test('rows are removed from tables with special characters in names, and with generated columns', async () => {
    const name = `we"ird; DROP.x 'ü'`
    const quoted = `"${name.replaceAll('"', '""')}"`
    const { file, database } =
      store(`CREATE TABLE ${quoted} (${quoted} INTEGER PRIMARY KEY, twice AS (${quoted} * 2) STORED, up REFERENCES ${quoted});
      INSERT INTO ${quoted} VALUES (1, NULL), (2, 1), (3, NULL)`)
    await using connection = await toFile(file, options)
    const outcomes = await removed(connection, [row(name, 1, [name]), row(name, 2, [name])])
    expect(Object.values(outcomes)).toEqual(['removed', 'removed'])
    expect(rows(database, `SELECT twice FROM ${quoted}`)).toEqual([{ twice: 6 }])
  })

  test('a row still referenced by a deferred foreign key is refused, and the others are removed', async () => {
    const { file, database } =
      store(`CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1)`)
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('a', 1), row('a', 2)])).toEqual({
      'a 1': 'refused has-dependents',
      'a 2': 'removed',
    })
    expect(rows(database, 'SELECT id FROM a')).toEqual([{ id: 1 }])
  })

  test('a file that is not a database fails with a message that says so', async () => {
    const file = temporaryFile()
    writeFileSync(file, 'not a database, but long enough to look like one, were it not for how it begins'.repeat(20))
    const connecting = async () => {
      await using connection = await toFile(file, options)
      return (await connection.remove([row('t', 1)], removalContext())).get('t 1')
    }
    const outcome = await connecting().catch((error: unknown) => ({ error }))
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining('not a database') } })
  })

  test('rows whose deletion a trigger aborts fail with DUSTPAN_REMOVAL_FAILED, and all remain', async () => {
    const { file, database } = store(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);
      CREATE TRIGGER sealed BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'sealed'); END`)
    await using connection = await toFile(file, options)
    const outcomes = await connection.remove([row('t', 1), row('t', 2)], removalContext())
    for (const outcome of outcomes.values())
      expect(outcome).toMatchObject({
        state: 'failed',
        error: { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('sealed') },
      })
    expect(rows(database, 'SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test('rows are pending while another connection is writing to the file, and removed afterwards', async () => {
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)')
    await using connection = await connected(driverOf({ file, ...options }), fileStore(file) ?? '')
    database.exec('BEGIN IMMEDIATE')
    expect(await removed(connection, [row('t', 1)], { atomic: true, deadline: Date.now() + 50 })).toEqual({
      't 1': 'pending open-transaction',
    })
    database.exec('COMMIT')
    expect(await removed(connection, [row('t', 1)], { atomic: true })).toEqual({ 't 1': 'removed' })
  })
})
