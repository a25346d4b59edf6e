/** Which rows were created after those that they refer to. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { once } from '../server.ts'
import { connect, ctx, targets } from './harness.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, created_at datetime(3) DEFAULT CURRENT_TIMESTAMP(3));
  CREATE TABLE orders (id int PRIMARY KEY, user int, at timestamp(3) DEFAULT CURRENT_TIMESTAMP(3), FOREIGN KEY (user) REFERENCES users (id));
  CREATE TABLE notes (id int PRIMARY KEY, user int, at datetime(3) DEFAULT CURRENT_TIMESTAMP(3), FOREIGN KEY (user) REFERENCES users (id));
  CREATE TABLE touched (id int PRIMARY KEY, user int, at timestamp(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    FOREIGN KEY (user) REFERENCES users (id));`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Dependents proven by their times', (server) => {
    /** By table and key, the provenance of the rows that refer to user 1. */
    async function provenance(url: string, createdAt: number): Promise<Record<string, string>> {
      await using connection = await connect(url)
      const relations = await connection.relate?.(await targets(url, 'users', [1], { createdAt }), {
        ...ctx,
        dependents: true,
      })
      return Object.fromEntries(
        relations?.dependents.map(({ type, key, provenance }) => [`${type} ${key}`, provenance]) ?? [],
      )
    }

    test('a row created after its parent is proven', async () => {
      const url = await server.database(schema)
      await once(url, `SET @@timestamp = UNIX_TIMESTAMP() - 30; INSERT INTO users (id) VALUES (1)`)
      const createdAt = Date.now() - 30_000
      await once(url, `INSERT INTO orders (id, user) VALUES (1, 1); INSERT INTO notes (id, user) VALUES (1, 1)`)
      expect(await provenance(url, createdAt)).toEqual({ 'orders 1': 'after-parent', 'notes 1': 'after-parent' })
    })

    test('a row older than its parent’s record is unproven, whatever the parent’s column says', async () => {
      const url = await server.database(schema)
      await once(
        url,
        `INSERT INTO users VALUES (1, '2020-01-01'), (2, '2019-01-01');
         SET @@timestamp = UNIX_TIMESTAMP() - 30; INSERT INTO orders (id, user) VALUES (1, 2); INSERT INTO notes (id, user) VALUES (1, 2);
         UPDATE orders SET user = 1; UPDATE notes SET user = 1`,
      )
      expect(await provenance(url, Date.now())).toEqual({ 'orders 1': 'unproven', 'notes 1': 'unproven' })
    })

    test('a time without a zone proves nothing when the parent’s own differs from its record', async () => {
      const url = await server.database(schema)
      await once(url, `INSERT INTO users VALUES (1, '2020-01-01'); INSERT INTO notes (id, user) VALUES (1, 1)`)
      expect(await provenance(url, Date.now() - 30_000)).toEqual({ 'notes 1': 'unproven' })
    })

    test('a time that each UPDATE sets and a time in the future prove nothing', async () => {
      const url = await server.database(schema)
      await once(
        url,
        `INSERT INTO users (id) VALUES (1); INSERT INTO touched (id, user) VALUES (1, 1);
         INSERT INTO orders VALUES (1, 1, NOW() + INTERVAL 1 DAY)`,
      )
      expect(await provenance(url, Date.now() - 30_000)).toEqual({ 'orders 1': 'unproven', 'touched 1': 'unproven' })
    })
  })
