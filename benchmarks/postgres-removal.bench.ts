/** What does it cost to remove what a test wrote to PostgreSQL? */

import { startServer } from '@dustpan/conformance/servers'
import type pg from 'pg'
import { compare } from './compare.ts'
import { fill, type Keys, linkedTables, removeByHand, tables } from './linked-tables.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

const unpatched = unpatchedCopy<typeof pg>('pg')
await using server = await startServer({ durable: true })
const url = await server.database(linkedTables)
await using bench = await benchSession({ drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }] })
const bare = await connect(unpatched.Client)
const tracked = await connect(load<typeof pg>('pg').Client)
const settings = {
  server: String((await bare.query('SHOW server_version')).rows[0].server_version),
  pg: '8',
  fsync: 'on',
  seedRows: 1000,
}

async function connect(Client: typeof pg.Client): Promise<pg.Client> {
  const client = new Client(url)
  await client.connect()
  return client
}

async function question(name: string, n: number, count: number, rounds: number, extra: boolean): Promise<void> {
  const of = [...tables.slice(0, count)].reverse()
  const byHand = {
    name: 'DELETE = ANY($1) by hand',
    run: (keys: Keys) => removeByHand(bare, keys),
  }
  const loop = {
    name: 'loop of DELETE id = $1',
    run: async (keys: Keys) => {
      for (const table of of)
        for (const id of keys[table] ?? []) await bare.query(`DELETE FROM ${table} WHERE id = $1`, [id])
    },
  }
  const rollback = {
    name: 'ROLLBACK',
    before: async () => {
      await bare.query('BEGIN')
      await fill(bare, n, count)
    },
    run: () => bare.query('ROLLBACK'),
  }
  await compareRemoved({
    name,
    question: `${count === 1 ? '' : `${count} × `}${n} rows of ${count} table${count === 1 ? '' : 's, linked by foreign keys'}`,
    ...{ n: n * count, rounds, warmups: 20, settings, bench },
    bare: () => fill(bare, n, count),
    tracked: () => fill(tracked, n, count),
    byHand,
    ...(extra ? { loop, others: [rollback] } : {}),
    limits: [
      extra
        ? { arm: 'Dustpan', than: loop.name, kind: 'timesFaster', value: 15 }
        : { arm: 'Dustpan', than: byHand.name, kind: 'atMostMore', value: 3 },
    ],
  })
}

await question('postgres-removal-10', 10, 1, 30, false)
await question('postgres-removal-1000', 1000, 1, 31, true)
await question('postgres-removal-4x1000', 1000, 4, 15, true)
await compare({
  name: 'postgres-truncate',
  question: 'TRUNCATE of the same four tables, which takes other people’s rows too (4 × 1,000 rows of ours)',
  rounds: 7,
  settings,
  arms: [
    {
      name: 'TRUNCATE',
      before: () => fill(bare, 1000, 4),
      run: () => bare.query('TRUNCATE users, orders, items, notes'),
    },
  ],
})
await Promise.all([bare.end(), tracked.end()])
