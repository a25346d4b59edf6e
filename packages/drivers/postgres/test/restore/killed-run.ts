/** Child process: changes rows in a test that does not end, prints the id of the run, and waits to be killed. */
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
await client.query(`UPDATE users SET name = 'killed' WHERE id = 1; DELETE FROM users WHERE id = 2`)
console.log(main.ticket.run)
setInterval(() => {}, 1_000)
