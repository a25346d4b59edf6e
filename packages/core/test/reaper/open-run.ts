/** Shared by the programs that are killed: starts a run whose test has left a file, and does not end it. */
import { writeFileSync } from 'node:fs'
import { joinRun } from '../../src/runner/session.ts'
import { beginRun, prepareSettings } from '../../src/runner.ts'
import { track } from '../../src/tracking/facade.ts'

export async function openRun(folder: string, file: string) {
  const run = beginRun(await prepareSettings(folder), 'test')
  const session = await joinRun(run.ticket, { role: 'main', moduleHooks: false })
  const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['is killed'], attempt: 0 })
  scope.run(() => {
    writeFileSync(file, '')
    track({ type: 'file', id: file, remove: { file } })
  })
  return { run, scope }
}
