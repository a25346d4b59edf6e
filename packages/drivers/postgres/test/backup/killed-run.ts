/** Child process: ends a test whose row is locked so that its removal waits, prints the id of the run once there is a backup, and waits to be killed. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import pg from 'pg'

const [folder = '', url = ''] = process.argv.slice(2)
const main = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(main.ticket, { moduleHooks: false })
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
await scope.ready()
const client = new pg.Client(url)
await client.connect()
await client.query(`SELECT set_config('dustpan.run', $1, false), set_config('dustpan.scope', $2, false)`, [
  main.ticket.run,
  scope.id,
])
await client.query(`INSERT INTO users VALUES (7, 'killed')`)
await client.query('BEGIN; SELECT FROM users WHERE id = 7 FOR UPDATE')
void scope.close('passed', { willRetry: false })
const backups = join(folder, '.dustpan', 'runs', main.ticket.run, 'backups')
const timer = setInterval(() => {
  if (!existsSync(backups) || !readdirSync(backups).some((name) => statSync(join(backups, name)).size > 0)) return
  clearInterval(timer)
  console.log(main.ticket.run)
}, 5)
setInterval(() => {}, 1_000)
