import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { beforeEach, expect, test } from 'vitest'
import { connect, ctx, remove, targets } from './fixture.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE orders (id bigint PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, created_at timestamptz DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE items (a int, b text, order_id bigint REFERENCES orders ON DELETE SET NULL, PRIMARY KEY (a, b));
  CREATE TABLE a (id int PRIMARY KEY, b int);
  CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
  ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
`

const server = await testServer()
let url: string
beforeEach(async () => {
  url = await server.database(schema)
})

test('tables are grouped with children before parents, and tables that refer to each other share a group', async () => {
  await using connection = await connect(url)
  const wanted = [
    ...(await targets(url, 'users', [1])),
    ...(await targets(url, 'orders', [1])),
    ...(await targets(url, 'a', [1])),
    ...(await targets(url, 'b', [1])),
  ]
  const relations = await connection.relate?.(wanted, { ...ctx, dependents: true })
  const [users, orders, a, b] = wanted.map(({ id }) => relations?.group.get(id))
  expect(relations?.edges).toEqual([[orders, users]])
  expect(new Set([users, orders, a]).size).toBe(3)
  expect(a).toBe(b)
})

test('dependents that are younger than their parent are proven, and older ones are not', async () => {
  await once(
    url,
    `INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1, 1, now()), (2, 1, now() - interval '1 day'), (3, 1, now())`,
  )
  await using connection = await connect(url)
  const [user] = await targets(url, 'users', [1], { createdAt: Date.now() - 3_600_000 })
  const wanted = [...(user ? [user] : []), ...(await targets(url, 'orders', [3]))]
  const { dependents = [] } = (await connection.relate?.(wanted, { ...ctx, dependents: true })) ?? {}
  expect(dependents).toMatchObject([
    {
      of: user?.id,
      type: 'orders',
      key: 1,
      rule: 'cascade',
      provenance: 'after-parent',
      removal: { op: 'delete-row', args: { table: 'orders' } },
    },
    { of: user?.id, type: 'orders', key: 2, rule: 'cascade', provenance: 'unproven' },
  ])
})

test('a proven dependent can be removed by its own removal, and then its parent', async () => {
  await once(url, `INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1, 1)`)
  await using connection = await connect(url)
  const wanted = await targets(url, 'users', [1])
  const [dependent] = (await connection.relate?.(wanted, { ...ctx, dependents: true }))?.dependents ?? []
  const { removal, proof } = dependent ?? {}
  if (!dependent || !removal || !proof) throw new Error('expected one proven dependent')
  const derived = { ...wanted[0], id: 'd.0', type: dependent.type, key: dependent.key, removal, proof, createdAt: 0 }
  expect(await remove(connection, [derived, ...wanted])).toEqual(['removed', 'removed'])
})

test('dependents without a creation time are not proven', async () => {
  await once(
    url,
    `INSERT INTO orders VALUES (9007199254740993, NULL); INSERT INTO items VALUES (1, 'x', 9007199254740993)`,
  )
  await using connection = await connect(url)
  const { dependents = [] } =
    (await connection.relate?.(await targets(url, 'orders', ['9007199254740993']), { ...ctx, dependents: true })) ?? {}
  expect(dependents).toMatchObject([{ type: 'items', key: [1, 'x'], rule: 'set-null', provenance: 'unproven' }])
})

test('rows of a dropped table have no dependents', async () => {
  await using connection = await connect(url)
  const wanted = await targets(url, 'items', [[1, 'x']])
  await once(url, 'DROP TABLE items')
  expect((await connection.relate?.(wanted, { ...ctx, dependents: true }))?.dependents).toEqual([])
})
