import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startRun } from '@dustpan/conformance/run'

export interface Plan {
  /** What is done in a test, one after the other, each on clients of its own, by its name. Each inserts the row of its number. */
  readonly acts: readonly string[]
  /** Of which line of the ledger it dies. Otherwise it waits. */
  readonly diesOf?: string
}

/** A run whose process does as planned, and waits to be killed or has killed itself. */
export async function doomed(url: string, plan: Plan) {
  const { folder } = await startRun('@dustpan/postgres', { url })
  const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url))
  const running = spawn(process.execPath, [script, folder, url, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(running, 'exit')
  const [said] = (await Promise.race([once(running.stdout, 'data'), exit])) as [Buffer | number]
  if (!Buffer.isBuffer(said)) throw new Error(`It ended by itself: ${said}`)
  return {
    folder,
    id: String(said).trim(),
    async kill() {
      running.kill('SIGKILL')
      await exit
    },
  }
}
