/** A run as an adapter has it: one worker in this process, and the main process. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DustpanConfig } from '../src/config/config.ts'
import { readRun } from '../src/journal/read.ts'
import { foldRun } from '../src/ledger/fold.ts'
import type { FoldedRun } from '../src/ledger/folded-run.ts'
import type { CleanupReport } from '../src/report/model.ts'
import type { CaptureSink } from '../src/resource/capture.ts'
import type { Verdict } from '../src/resource/resource.ts'
import { beginRun, type MainRun } from '../src/runner/run.ts'
import { type CloseOptions, joinRun, type OpenScope, type RunnerSession } from '../src/runner/session.ts'
import { requireInstance } from '../src/tracking/instance.ts'
import { type ScriptedStore, scriptedStore, stores } from './scripted-store.ts'
import { quickSettings, scratchFolder } from './settings.ts'

export interface TestRun {
  readonly session: RunnerSession
  /** Belongs to the session that joined last. */
  readonly sink: CaptureSink
  readonly main: MainRun
  readonly dir: string
  readonly root: string
  /** The store of the driver instance `main`. */
  readonly store: ScriptedStore
  readonly file: OpenScope
  openTest(title: string, more?: { attempt?: number; in?: OpenScope; runnerId?: string }): OpenScope
  /** The run folded from the ledger. */
  folded(): FoldedRun
  /** The state of each recorded resource: `{ 'user 1': 'removed' }`. */
  states(): Record<string, string>
  /** Joins the run as another worker. */
  join(): Promise<RunnerSession>
}

export async function testRun(config: DustpanConfig = {}, environment: NodeJS.ProcessEnv = {}): Promise<TestRun> {
  const root = scratchFolder()
  const store = scriptedStore(`scripted://localhost/${stores.size}`)
  stores.set(store.id, store)
  const use = join(import.meta.dirname, 'scripted-store.ts')
  const drivers = [{ use, name: 'main', options: { store: store.id } }, ...(config.drivers ?? [])]
  const settings = quickSettings({ ...config, drivers }, environment, root)
  const main = beginRun(settings, 'test', { ...environment })
  const joinWorker = async () => {
    const session = await joinRun(main.ticket, { moduleHooks: false })
    onTestFinished(() => session[Symbol.asyncDispose]())
    return session
  }
  const session = await joinWorker()
  const file = session.openScope(undefined, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  const folded = () => foldRun(main.ticket.run, readRun(settings.dir, main.ticket.run))
  return {
    ...{ session, main, dir: settings.dir, root, store, file, folded, join: joinWorker },
    sink: requireInstance('the test').sink,
    openTest: (title, { attempt = 0, in: parent = file, runnerId } = {}) =>
      session.openScope(parent, {
        ...{ kind: 'test', file: 'a.test.ts', path: [title], attempt },
        ...(runnerId === undefined ? {} : { runnerId }),
      }),
    states: () => statesOf(folded()),
  }
}

export function statesOf({ resources }: FoldedRun): Record<string, string> {
  return Object.fromEntries([...resources.values()].map(({ set, key, state }) => [`${set.type} ${String(key)}`, state]))
}

/** Puts a row into the store, and returns how to track it. */
export function row({ rows }: ScriptedStore, type: string, id: number | string, parent?: string) {
  rows.set(`${type} ${id}`, parent === undefined ? {} : { parent })
  return { type, id, remove: { table: type, store: 'main' } }
}

export const close = (
  scope: OpenScope,
  verdict: Verdict = 'passed',
  options: Partial<CloseOptions> = {},
): Promise<CleanupReport | undefined> => scope.close(verdict, { willRetry: false, ...options })
