/** A run to be killed: its test has left a file. */
import { spawnSync } from 'node:child_process'
import { openRun } from './open-run.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const { run, scope } = await openRun(folder, file)
const { stdout } = spawnSync('pgrep', ['-P', String(process.pid), '-f', 'reaper/program'], { encoding: 'utf8' })
process.stdout.write(`${JSON.stringify({ run: run.ticket.run, reaper: Number(stdout) })}\n`)
process.on('message', async () => {
  await scope.close('passed', { willRetry: false })
  await run.end('passed')
  process.disconnect()
})
