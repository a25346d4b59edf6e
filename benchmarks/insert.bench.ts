/** What does tracking cost an insert? */
import type pg from 'pg'
import { startServer } from '../packages/drivers/postgres/test/server.ts'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

await using server = await startServer({ durable: true })
const url = await server.database('CREATE TABLE users (id serial PRIMARY KEY, email text, name text)')
const bare = new (unpatchedCopy<typeof pg>('pg').Client)(url)
await bare.connect()
await using bench = await benchSession({ drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }] })
const tracked = new (load<typeof pg>('pg').Client)(url)
await tracked.connect()

const n = 200
const insert = async (client: pg.Client) => {
  for (let i = 0; i < n; i++)
    await client.query('INSERT INTO users (email, name) VALUES ($1, $2) RETURNING id', [`${i}@example.com`, 'name'])
}
await compare({
  name: 'insert-postgres',
  question: `${n} inserts through pg, one after the other`,
  rounds: 25,
  settings: { server: 18, fsync: 'on' },
  arms: [
    { name: 'bare', run: () => insert(bare) },
    { name: 'tracked', run: () => bench.openTest().run(() => insert(tracked)) },
  ],
  limits: [{ arm: 'tracked', than: 'bare', kind: 'atMost', value: 1.15 }],
})
await Promise.all([bare.end(), tracked.end()])
