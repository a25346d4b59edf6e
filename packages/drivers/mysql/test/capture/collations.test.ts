/** An existing row that is inserted again under a key that its collation treats as equal. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const table = (name: string, collation: string) =>
  `CREATE TABLE ${name} (k varchar(20) COLLATE ${collation}, n int, PRIMARY KEY (k, n)) CHARSET utf8mb4;`

const schema = table('t', 'utf8mb4_unicode_ci') + table('exact', 'utf8mb4_bin') + table('lt', 'utf8mb4_lithuanian_ci')

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Keys that a collation treats as equal', (server) => {
    const captured = capturing(server, schema, RemovedSink)

    async function putBack(table: string, existing: string, variant: string, ...more: readonly string[]) {
      await once(captured.url, `INSERT INTO ${table} VALUES ('${existing}', 0)`)
      await captured.sink.run('test', async () => {
        await captured.db.query(`DELETE FROM ${table} WHERE k = ?`, [variant])
        for (const name of [variant, ...more]) await captured.db.query(`INSERT INTO ${table} VALUES (?, 0)`, [name])
      })
    }

    test.for([
      ['t', 'straße', 'strasse'],
      ['t', 'strasse', 'straße'],
      ['t', 'été', 'ete'],
      ['t', 'a\u0001b', 'ab'],
      ['t', 'Bob ', 'bOB'],
      ['lt', 'yla', 'ila'],
    ])(
      'in %s, an existing row %s that is deleted and inserted again as %s is not tracked',
      async ([table = '', existing = '', variant = '']) => {
        const [row] = await once(captured.url, `SELECT '${existing}' = '${variant}' COLLATE utf8mb4_unicode_ci AS same`)
        expect(table === 'lt' || row?.same).toBeTruthy()
        await putBack(table, existing, variant)
        expect(captured.sink.keys()).toEqual({})
      },
    )

    test('a row inserted after the DELETE of a key without collation weight is not tracked and warns', async () => {
      await once(captured.url, `INSERT INTO t VALUES ('🍕', 0)`)
      await captured.run(`DELETE FROM t WHERE n = 0`, `INSERT INTO t VALUES ('😀', 0)`)
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })

    test('keys that the collation treats as different are tracked', async () => {
      await putBack('t', 'été', 'ete', 'bob', 'moon')
      expect(captured.sink.keys()).toEqual({
        t: [
          ['bob', 0],
          ['moon', 0],
        ],
      })
    })

    test('with a binary collation only the identical key is not tracked', async () => {
      await once(captured.url, `INSERT INTO exact VALUES ('a', 0), ('🍕', 0)`)
      await captured.run('DELETE FROM exact WHERE n = 0', `INSERT INTO exact VALUES ('A', 0), ('😀', 0), ('a', 0)`)
      expect(captured.sink.keys()).toEqual({
        exact: [
          ['A', 0],
          ['😀', 0],
        ],
      })
    })
  })
