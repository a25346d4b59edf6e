/** Starts a worker of a run in this process. */
import type { MainRun } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type RunnerSession } from '@dustpan/core/worker'

export interface Worker extends AsyncDisposable {
  readonly session: RunnerSession
  /** The default file scope of its tests. */
  readonly file: OpenScope
  openFile(name: string): OpenScope
  openTest(title: string, more?: { readonly attempt?: number; readonly in?: OpenScope }): OpenScope
}

/** The worker sees only the given client libraries. */
export async function startWorker(main: MainRun, libraries: readonly unknown[] = []): Promise<Worker> {
  const session = await joinRun(main.ticket, { moduleHooks: false })
  for (const library of libraries) session.deliver(library)
  const openFile = (file: string) => session.openScope(undefined, { kind: 'file', file, attempt: 0 })
  const file = openFile('a.test.ts')
  return {
    ...{ session, file, openFile },
    openTest: (title, { attempt = 0, in: parent = file } = {}) =>
      session.openScope(parent, { kind: 'test', file: 'a.test.ts', path: [title], attempt }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
