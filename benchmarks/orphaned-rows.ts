/** A program with tests that write rows to PostgreSQL, and are killed. */
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import type pg from 'pg'
import { fill } from './linked-tables.ts'
import { load } from './two-copies.ts'

const [folder = '', url = '', tests = '', rows = '', count = ''] = process.argv.slice(2)
const session = await joinRun(beginRun(await prepareSettings(folder), 'bench').ticket)
const { Client } = load<typeof pg>('pg')
const client = new Client(url)
await client.connect()
const file = session.openScope(undefined, { kind: 'file', file: 'bench', attempt: 0 })
for (let i = 0; i < Number(tests); i++) {
  const test = session.openScope(file, { kind: 'test', path: [`bench ${i}`], attempt: 0 })
  await test.run(() => fill(client, Number(rows), Number(count)))
}
process.kill(process.pid, 'SIGKILL')
