/** Runs in a child process: changes one row and deletes another in a test that does not end, and prints the run's id. */
import * as sqlite from 'node:sqlite'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const [folder = '', file = ''] = process.argv.slice(2)
const main = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(main.ticket, { moduleHooks: false })
session.deliver(sqlite)
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
await scope.ready()
scope.run(() => {
  new sqlite.DatabaseSync(file).exec(`UPDATE users SET name = 'killed' WHERE id = 1; DELETE FROM users WHERE id = 2`)
})
console.log(main.ticket.run)
setInterval(() => {}, 1_000)
