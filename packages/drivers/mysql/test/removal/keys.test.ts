import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { connect, remove, targets } from './harness.ts'

const waiting = `SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' LIMIT 1`
const proof = { proof: { strength: 'key-only' } } as const

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Keys', (server) => {
    describe('A key that its column cannot hold removes no row', () => {
      test.for([
        ['int', ['0', '7'], ['user-1', '7x', { a: 1 }, '', ' ']],
        ['bigint', ['9223372036854775807'], ['99999999999999999999', '9223372036854775808']],
        ['bigint unsigned', ['0', '18446744073709551615'], ['-1', '18446744073709551616']],
        ['decimal(4,2)', ['1.24', '99.99'], ['1.239', '123.4', 'x']],
        ['varchar(3)', ['abc'], ['abcd']],
        ['year', ['2000', '2026'], ['0', '26']],
        ['datetime', ['2026-01-02 03:04:06'], ['2026-01-02 03:04:05.9', 'x']],
        ['time', ['00:00:00'], ['x', '00:00:00.1']],
        ['date', ['2026-01-02'], ['2026-01-02x', '26-1-2']],
        ['double', ['0'], ['x', '']],
      ] as const)('%s', async ([type, present, keys]) => {
        const url = await server.database(`CREATE TABLE k (id ${type}, n int, PRIMARY KEY (id, n));
          INSERT INTO k VALUES ${present.map((key) => `('${key}', 1)`)}`)
        await using connection = await connect(url)
        const pairs = keys.map((key) => [key, 1])
        expect(await remove(connection, await targets(url, 'k', pairs, proof))).toEqual(keys.map(() => '0 rows'))
        expect(await keysIn(url, 'k', 'CAST(id AS CHAR)')).toHaveLength(present.length)
      })
    })

    test('a row that two records name is removed once, together with the others', async () => {
      const url = await server.database(
        `CREATE TABLE k (id decimal(5,2) PRIMARY KEY); INSERT INTO k VALUES (7.5), (1), (2)`,
      )
      await using connection = await connect(url)
      const wanted = await targets(url, 'k', ['7.5', '7.50', '1.00'], proof)
      expect(await remove(connection, wanted)).toEqual(['1 row', '0 rows', '1 row'])
      expect(await keysIn(url, 'k')).toEqual(['2.00'])
    })

    test('a FLOAT key is compared as it is written', async () => {
      const url = await server.database('CREATE TABLE k (id float PRIMARY KEY); INSERT INTO k VALUES (1.1), (1.2)')
      await using connection = await connect(url)
      expect(await remove(connection, await targets(url, 'k', ['1.1'], proof))).toEqual(['1 row'])
    })

    test('a row of a table that another connection has locked is pending', async () => {
      const url = await server.database('CREATE TABLE k (id int PRIMARY KEY); INSERT INTO k VALUES (1)')
      const wanted = await targets(url, 'k', [1])
      const other = await mysql.createConnection(url)
      await using _ = { [Symbol.asyncDispose]: () => other.end() }
      await other.query('LOCK TABLES k WRITE')
      await using connection = await connect(url)
      expect(await remove(connection, wanted)).toEqual(['open-transaction'])
    })

    test('rows of a cycle wait for an open transaction that refers to them by a unique key', async () => {
      const url = await server.database(`
        CREATE TABLE k (id int PRIMARY KEY, name varchar(9) UNIQUE, boss int, FOREIGN KEY (boss) REFERENCES k (id));
        CREATE TABLE kids (id int PRIMARY KEY, k varchar(9), FOREIGN KEY (k) REFERENCES k (name) ON DELETE CASCADE);
        INSERT INTO k VALUES (1, 'a', NULL), (2, 'b', 1)`)
      const wanted = await targets(url, 'k', [1, 2])
      const other = await mysql.createConnection(url)
      await using _ = { [Symbol.asyncDispose]: () => other.end() }
      await other.query('START TRANSACTION')
      await other.query(`INSERT INTO kids VALUES (1, 'b')`)
      await using connection = await connect(url)
      const removing = remove(connection, wanted)
      await expect.poll(() => once(url, waiting), { interval: 150, timeout: 5_000 }).toHaveLength(1)
      await other.query('COMMIT')
      expect(await removing).toEqual(['DUSTPAN_HAS_DEPENDENTS', 'DUSTPAN_HAS_DEPENDENTS'])
      expect(await once(url, 'SELECT COUNT(*) AS n FROM k JOIN kids ON kids.k = k.name')).toEqual([{ n: 1 }])
    })
  })
