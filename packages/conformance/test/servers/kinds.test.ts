import { Redis } from 'ioredis'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { describeOn } from '../../src/servers/describe-on.ts'
import { kindNames, once } from '../../src/servers/index.ts'

for (const kind of kindNames) {
  describeOn(kind, 'every server', (server) => {
    test('a server names its kind, product and version, and creates a new database for each call', async () => {
      expect(server).toMatchObject({
        kind,
        product: expect.stringMatching(/^[A-Z]\w+ \d+\.\d+/),
        version: expect.any(String),
      })
      expect(await server.database()).not.toBe(await server.database())
    })
  })
}

describeOn(
  'redis',
  'a cluster',
  (cluster) => {
    test('a cluster has three nodes with slots', async () => {
      const client = new Redis(cluster.url)
      const nodes = await client.call('CLUSTER', 'NODES')
      client.disconnect()
      expect(String(nodes).match(/master.*connected \d+-\d+/g)).toHaveLength(3)
    })
  },
  { cluster: true },
)

const refused = async (question: Promise<unknown>) =>
  expect(question).rejects.toThrow(/denied|NOPERM|permission|readonly/i)

describeOn('postgres', 'a read-only user', (server) => {
  test('a read-only user can read rows and not write them', async () => {
    const url = await server.readOnly?.(await server.database('CREATE TABLE notes ()'))
    await once(url as string, 'SELECT FROM notes')
    await refused(once(url as string, 'INSERT INTO notes DEFAULT VALUES'))
  })
})

for (const kind of ['mariadb', 'mysql'] as const) {
  describeOn(kind, 'a read-only user', (server) => {
    test('a read-only user can read rows and not write them', async () => {
      const url = await server.readOnly?.(await server.database('CREATE TABLE notes (id int)'))
      const connection = await createConnection(url as string)
      await connection.query('SELECT * FROM notes')
      await refused(connection.query('INSERT INTO notes VALUES (1)')).finally(() => connection.end())
    })
  })
}

for (const kind of ['redis', 'valkey'] as const) {
  describeOn(kind, 'a read-only user', (server) => {
    test('a read-only user can read keys and not write them', async () => {
      const client = new Redis((await server.readOnly?.(await server.database())) as string)
      await client.get('key')
      await refused(client.set('key', 1)).finally(() => client.disconnect())
    })
  })
}

describeOn('clickhouse', 'a read-only user', (server) => {
  test('a read-only user can read rows and not write them', async () => {
    const database = await server.database('CREATE TABLE notes (id Int32) ENGINE = Memory')
    const { origin, pathname, username, password } = new URL((await server.readOnly?.(database)) as string)
    const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password }
    const ask = (body: string) => fetch(`${origin}?database=${pathname.slice(1)}`, { method: 'POST', headers, body })
    expect((await ask('SELECT * FROM notes')).status).toBe(200)
    expect(await (await ask('INSERT INTO notes VALUES (1)')).text()).toMatch(/readonly/i)
  })
})
