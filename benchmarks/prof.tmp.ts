import type pg from 'pg'
import { startServer } from '../packages/drivers/postgres/test/server.ts'
import { benchSession } from './session.ts'
import { load } from './two-copies.ts'

await using server = await startServer({ durable: true })
const url = await server.database(
  "CREATE TABLE users (id serial PRIMARY KEY, name text); INSERT INTO users (name) SELECT 'other people' FROM generate_series(1, 1000);",
)
await using bench = await benchSession({ drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }] })
const t = new (load<typeof pg>('pg').Client)(url)
await t.connect()
const times = []
for (let i = 0; i < 30; i++) {
  const test = bench.openTest()
  await test.run(() => t.query(`INSERT INTO users (name) SELECT 'mine' FROM generate_series(1, 1000) RETURNING id`))
  const s = performance.now()
  const r = await test.close('passed', { willRetry: false })
  times.push(performance.now() - s)
  if (r?.totals.removed !== 1000) throw new Error('x')
}
console.log(times.map((x) => x.toFixed(1)).join(' '))
await t.end()
