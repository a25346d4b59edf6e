/** Ends a run while a request of its test is pending: `node ended.ts <folder> <url>`. Prints the ids of run and scope and the reaper’s pid. */
import { spawnSync } from 'node:child_process'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const [folder = '', url = ''] = process.argv.slice(2)
const run = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(run.ticket, { moduleHooks: false })
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['waits'], attempt: 0 })
void scope.run(() => fetch(url, { method: 'POST' })).catch(() => {})
const { stdout } = spawnSync('pgrep', ['-P', String(process.pid), '-f', 'reaper/program'], { encoding: 'utf8' })
process.stdout.write(`${JSON.stringify({ run: run.ticket.run, scope: scope.id, reaper: Number(stdout) })}\n`)
process.on('message', async () => {
  await scope.close('interrupted', { willRetry: false })
  await session[Symbol.asyncDispose]()
  await run.end('interrupted')
  process.exit()
})
