/** A run of the real core in this process, as an adapter drives it. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FoldedRun, foldRun, type Resource, readRun } from '@dustpan/core/ledger'
import {
  beginRun,
  type CleanupReport,
  type MainRun,
  prepareSettings,
  type Settings,
  type Verdict,
} from '@dustpan/core/runner'
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import { type Config, configure } from './project-folder.ts'
import { startWorker } from './worker.ts'

export interface Run extends AsyncDisposable {
  readonly id: string
  readonly main: MainRun
  readonly settings: Settings
  readonly session: RunnerSession
  /** The folder with the configuration and, below `.dustpan`, the records. */
  readonly folder: string
  openTest(title: string): OpenScope
  /** Runs the body as a test and closes it. Resolves to the report, or undefined when nothing was tracked. */
  test(body: () => Promise<unknown>, verdict?: Verdict): Promise<CleanupReport | undefined>
  /** Ends the run, as its main process does. */
  end(): Promise<CleanupReport | undefined>
  folded(): FoldedRun
  resources(): readonly Resource[]
  /** The number of resources in each state: `{ removed: 3 }`. */
  states(): Readonly<Record<string, number>>
  /** Everything that was written to disk. */
  written(): string
  /** Writes the configuration that another process will load for cleanup. */
  configure(config: Config): void
}

/** Begins a run with one worker, which sees the given client libraries. */
export async function beginIn(folder: string, libraries: readonly unknown[]): Promise<Run> {
  const settings = await prepareSettings(folder)
  const main = beginRun(settings, 'conformance', {})
  const { session, openTest } = await startWorker(main, libraries)
  const folded = () => foldRun(main.ticket.run, readRun(settings.dir, main.ticket.run))
  const resources = () => (readdirSync(folder).includes('.dustpan') ? [...folded().resources.values()] : [])
  let tests = 0
  return {
    ...{ id: main.ticket.run, main, settings, session, folder, openTest, folded, resources },
    async test(body, verdict = 'passed') {
      const scope = openTest(`test ${++tests}`)
      await scope.run(body)
      return scope.close(verdict, { willRetry: false })
    },
    async end() {
      await session[Symbol.asyncDispose]()
      return main.end('passed')
    },
    states() {
      const counts: Record<string, number> = {}
      for (const { state } of resources()) counts[state] = (counts[state] ?? 0) + 1
      return counts
    },
    written: () =>
      readdirSync(settings.dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
        .join('\n'),
    configure: (config) => configure(folder, config),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
