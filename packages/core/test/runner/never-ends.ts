/** A run whose end never settles: its test has left a file. */
import { writeFileSync } from 'node:fs'
import { joinRun } from '../../src/runner/session.ts'
import { beginRun, endOnInterruption, prepareSettings } from '../../src/runner.ts'
import { track } from '../../src/tracking/facade.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const { ticket } = beginRun(await prepareSettings(folder), 'test')
const session = await joinRun(ticket, { role: 'main', moduleHooks: false })
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['is interrupted'], attempt: 0 })
scope.run(() => {
  writeFileSync(file, '')
  track({ type: 'file', id: file, remove: { file } })
})
endOnInterruption({ ticket: () => ticket, end: () => new Promise(() => {}), print: (text) => console.log(text) })
setInterval(() => {}, 1000)
console.log('ready')
