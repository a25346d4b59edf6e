/** Whether a backslash escapes depends on the sql_mode set earlier in the session or globally. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = 'CREATE TABLE t (name varchar(20) PRIMARY KEY)'
const insert = String.raw`INSERT INTO t VALUES ('a\\b')`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(
    kind,
    'Backslash escapes',
    (server) => {
      const captured = capturing(server, schema, RecordingSink)

      test('a SET sql_mode that was not awaited applies to the next INSERT', async () => {
        const db = await mysql.createConnection(captured.url)
        await captured.sink.run('test', () =>
          Promise.all([db.query('SELECT 1'), db.query(`SET sql_mode = 'NO_BACKSLASH_ESCAPES'`), db.query(insert)]),
        )
        await captured.sink.run('test', () =>
          Promise.all([db.query(`SET sql_mode = ''`), db.query(String.raw`INSERT INTO t VALUES ('c\\d')`)]),
        )
        await db.end()
        expect(captured.sink.keys()).toEqual({ t: [String.raw`a\\b`, String.raw`c\d`] })
        expect(await keysIn(captured.url, 't', 'name')).toEqual([String.raw`a\\b`, String.raw`c\d`])
      })

      test('a new session starts with the global sql_mode', async () => {
        await once(captured.url, `SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'`)
        const first = await mysql.createConnection(captured.url)
        await captured.sink.run('test', () => first.query(insert))
        await first.end()
        const another = await mysql.createConnection(captured.url)
        await captured.sink.run('test', () =>
          another.query(String.raw`SELECT '\'; DELETE FROM t; -- '`).catch(() => {}),
        )
        await another.end()
        await once(captured.url, 'SET GLOBAL sql_mode = DEFAULT')
        expect(captured.sink.keys()).toEqual({ t: [String.raw`a\\b`] })
        expect(await keysIn(captured.url, 't', 'name')).toEqual([String.raw`a\\b`])
      })
    },
    { own: true },
  )
