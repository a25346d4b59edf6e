/** A worker's session with drivers but without a runner, for measurements. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type RunnerSession } from '@dustpan/core/worker'

export interface BenchSession extends AsyncDisposable {
  readonly session: RunnerSession
  readonly folder: string
  openTest(): OpenScope
  /** The run's lines in the ledger. */
  lines(): readonly string[]
}

/** Creates a session in a folder from which the drivers can be resolved. */
export async function benchSession(config: object = {}): Promise<BenchSession> {
  const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.session-'))
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify(config))
  process.env.DUSTPAN_DIR = join(folder, '.dustpan')
  const session = await joinRun(beginRun(await prepareSettings(folder), 'bench').ticket)
  const file = session.openScope(undefined, { kind: 'file', file: 'bench', attempt: 0 })
  const run = join(folder, '.dustpan', 'runs', session.run)
  return {
    session,
    folder,
    openTest: () => session.openScope(file, { kind: 'test', path: ['bench'], attempt: 0 }),
    lines: () =>
      readdirSync(run)
        .filter((name) => name.endsWith('.jsonl'))
        .flatMap((name) => readFileSync(join(run, name), 'utf8').match(/.*\n/g) ?? []),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
