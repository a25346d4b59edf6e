/** Clients reach one database by two addresses, and the driver instance serves only one of them. */
import { beginIn, projectFolder } from '@dustpan/conformance/run'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { keysIn } from '../server.ts'

/** The host 127.0.0.1 as one number, which is not recognised as the same server. */
const unservedAddress = (url: string): string => url.replace(/(localhost|127\.0\.0\.1)(?=:)/, '2130706433')

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'two addresses of one database', (server) => {
    async function after(body: (served: mysql.Connection, other: mysql.Connection) => Promise<unknown>) {
      const url = await server.database('CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)')
      const use = '@dustpan/mysql'
      const drivers = [{ use, name: 'main', options: { url } }]
      await using run = await beginIn(projectFolder(use, { drivers }), [mysql2])
      const clients = [await mysql.createConnection(url), await mysql.createConnection(unservedAddress(url))] as const
      await run.test(() => body(...clients))
      for (const client of clients) await client.end()
      return keysIn(url, 'users')
    }

    test.each(['DELETE FROM users WHERE id = 1', 'DELETE FROM users WHERE id < 2', 'TRUNCATE users'])(
      'an existing row deleted by the unserved address and inserted by the served one is not removed: %s',
      async (sql) => {
        const remaining = await after(async (served, other) => {
          await other.query(sql)
          await served.query('INSERT INTO users VALUES (1)')
        })
        expect(remaining).toEqual([1])
      },
    )

    test('the test’s row is removed when it was deleted by the unserved address and inserted again', async () => {
      const remaining = await after(async (served, other) => {
        await served.query('INSERT INTO users VALUES (2)')
        await other.query('DELETE FROM users WHERE id = 2')
        await served.query('INSERT INTO users VALUES (2)')
      })
      expect(remaining).toEqual([1])
    })
  })
