/** A run with workers in this process, whose application is another one. */
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

/** Its process is known to the database before anything happens in it. */
async function begun(scope: OpenScope): Promise<OpenScope> {
  await scope.ready()
  // Times are told in milliseconds: one that has begun belongs to nobody for certain.
  const since = Date.now()
  while (Date.now() < since + 3) await new Promise((resolve) => setImmediate(resolve))
  return scope
}
