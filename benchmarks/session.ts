/** A worker's session outside of any runner, with drivers, for measuring what happens in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type RunnerSession } from '@dustpan/core/worker'

export interface BenchSession extends AsyncDisposable {
  readonly session: RunnerSession
  openTest(): OpenScope
}

/** In a folder from which the drivers are found. */
export async function benchSession(config: object = {}): Promise<BenchSession> {
  const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.session-'))
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify(config))
  process.env.DUSTPAN_DIR = join(folder, '.dustpan')
  const session = await joinRun(beginRun(await prepareSettings(folder), 'bench').ticket)
  const file = session.openScope(undefined, { kind: 'file', file: 'bench', attempt: 0 })
  return {
    session,
    openTest: () => session.openScope(file, { kind: 'test', path: ['bench'], attempt: 0 }),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
