/** A run to be killed, with a worker that has no records yet. With `hidden`, the worker's environment does not show
 * its run. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openRun } from './open-run.ts'

const [folder = '', file = '', how] = process.argv.slice(2)
const { run } = await openRun(folder, file)
const worker = [join(import.meta.dirname, 'late-worker.ts'), JSON.stringify(run.ticket), `${file}.late`]
const isHidden = how === 'hidden'
const env = isHidden ? { ...process.env, DUSTPAN_RUN_ID: '' } : process.env
const processes = [spawn(process.execPath, worker, { detached: true, stdio: 'ignore', env })]
if (isHidden)
  processes.push(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { detached: true, stdio: 'ignore' }))
process.stdout.write(`${JSON.stringify({ run: run.ticket.run, processes: processes.map(({ pid }) => pid) })}\n`)
setInterval(() => {}, 1_000)
