/** Runs in a child process: sends the run's id, then ends a test while another connection is writing, so that its removal waits. */
import { DatabaseSync } from 'node:sqlite'
import { track } from '@dustpan/core'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const [folder = '', file = ''] = process.argv.slice(2)
const main = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(main.ticket, { moduleHooks: false })
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
scope.run(() => {
  once(file, `INSERT INTO users VALUES (7, 'killed', NULL)`)
  track({ type: 'users', id: 7, remove: { table: 'users', store: 'main' } })
})
process.send?.(main.ticket.run)
process.once('message', () => void scope.close('passed', { willRetry: false }))

function once(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}
