/** Starts a run in a separate process, to be killed at a moment that a test chooses. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Json } from '@dustpan/core/driver'
import { startRun } from './start-run.ts'

export interface DoomedRun {
  readonly folder: string
  readonly id: string
  kill(): Promise<void>
}

/**
 * Starts `node <script> <folder> <url> <plan as JSON>`, which sends its run's id once the plan is carried out, and then waits to be
 * killed, or has killed itself.
 */
export async function doomed(use: string, url: string, script: URL, plan: Json): Promise<DoomedRun> {
  const { folder } = await startRun(use, { url })
  const running = spawn(process.execPath, [fileURLToPath(script), folder, url, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(running, 'exit')
  const [output] = (await Promise.race([once(running.stdout, 'data'), exit])) as [Buffer | number]
  if (!Buffer.isBuffer(output)) throw new Error(`It ended by itself: ${output}`)
  return {
    folder,
    id: String(output).trim(),
    async kill() {
      running.kill('SIGKILL')
      await exit
    },
  }
}
