/** Long lists of values are not parsed, unless something may follow them. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { describe, expect, test } from 'vitest'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (email varchar(20) PRIMARY KEY, name varchar(2000));
  CREATE TABLE numbered (id int AUTO_INCREMENT PRIMARY KEY, name varchar(2000));
  INSERT INTO users VALUES ('a@x', 'old');`

const long = 'x'.repeat(1_200)

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Long texts', (server) => {
    const captured = capturing(server, schema, RecordingSink)

    describe('an existing row is not tracked after an upsert with', () => {
      test.for([
        'ON DUPLICATE KEY UPDATE name = VALUES(name)',
        'ON /* upsert */ DUPLICATE KEY UPDATE name = VALUES(name)',
        'ON -- upsert\nDUPLICATE KEY UPDATE name = VALUES(name)',
        'ON # upsert\nDUPLICATE KEY UPDATE name = VALUES(name)',
        '/*!50000ON DUPLICATE KEY UPDATE name = VALUES(name)*/',
      ])('%s', async (end) => {
        await once(captured.url, `UPDATE users SET name = '${long}'`)
        await captured.run(`INSERT INTO users (email, name) VALUES ('a@x', '${long}') ${end}`)
        expect(captured.sink.live()).toEqual([])
      })
    })

    test.for(['', ';', ' -- the end', ' # the end', ' /* the end */', ' -- (the end)'])(
      'rows of a long text that ends in "%s" are tracked',
      async (end) => {
        await captured.run(`INSERT INTO users (email, name) VALUES ('b@x', '${long}')${end}`)
        await captured.run(`INSERT INTO numbered (id, name) VALUES (NULL, '${long}'), (7, 'seven')${end}`)
        const known = captured.sink.live()
        expect(known).toEqual(kind === 'mariadb' ? ['users b@x', 'numbered 1', 'numbered 7'] : ['users b@x'])
      },
    )
  })
