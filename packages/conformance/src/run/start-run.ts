/** A run that ends with the test, with workers on demand. */
import { rmSync } from 'node:fs'
import { beginRun, type MainRun, prepareSettings } from '@dustpan/core/runner'
import { onTestFinished } from 'vitest'
import { projectFolder } from './project-folder.ts'
import { startWorker, type Worker } from './worker.ts'

export interface StartedRun {
  readonly folder: string
  readonly main: MainRun
  readonly id: string
  worker(): Promise<Worker>
}

/** The run's only driver is named `main`. */
export async function startRun(use: string, options: object, config: object = {}): Promise<StartedRun> {
  const cleanup = { strategy: 'conditional', retry: { attempts: 1 } }
  const folder = projectFolder(use, { cleanup, ...config, drivers: [{ use, name: 'main', options }] })
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const main = beginRun(await prepareSettings(folder), 'test', {})
  return {
    ...{ folder, main, id: main.ticket.run },
    async worker() {
      const worker = await startWorker(main)
      onTestFinished(() => worker[Symbol.asyncDispose]())
      return worker
    },
  }
}
