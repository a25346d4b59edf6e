/** A run with its workers in this process and its application in another one. */
import { startRun as start } from '@dustpan/conformance/run'
import type { OpenScope } from '@dustpan/core/worker'

export async function startRun(file: string, config: object = {}, options: object = { application: true }) {
  const run = await start('@dustpan/sqlite', { file, ...options }, config)
  return {
    ...run,
    async worker() {
      const worker = await run.worker()
      return { ...worker, openTest: (title: string) => begun(worker.openTest(title)) }
    },
  }
}

/** Waits until the test’s process is announced in the database. */
async function begun(scope: OpenScope): Promise<OpenScope> {
  await scope.ready()
  // Times are in milliseconds: what is written in the millisecond of the announcement cannot be attributed.
  const since = Date.now()
  while (Date.now() < since + 3) await new Promise((resolve) => setImmediate(resolve))
  return scope
}
