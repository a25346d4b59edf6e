/** What does tracking cost an insert? */

import { startServer } from '@dustpan/conformance/servers'
import type pg from 'pg'
import { compareCaptured } from './captured.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

await using server = await startServer({ durable: true })
const url = await server.database('CREATE TABLE users (id serial PRIMARY KEY, email text, name text)')
const bare = new (unpatchedCopy<typeof pg>('pg').Client)(url)
await bare.connect()
await using bench = await benchSession({ drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }] })
const tracked = new (load<typeof pg>('pg').Client)(url)
await tracked.connect()

const insert = (client: pg.Client) =>
  client.query('INSERT INTO users (email, name) VALUES ($1, $2) RETURNING id', ['user@example.com', 'name'])

await compareCaptured({
  name: 'insert-postgres',
  question: 'insert through pg',
  ...{ calls: 200, rounds: 25, warmups: 10, settings: { server: 18, fsync: 'on' }, bench },
  bare: () => insert(bare),
  tracked: () => insert(tracked),
})
await Promise.all([bare.end(), tracked.end()])
