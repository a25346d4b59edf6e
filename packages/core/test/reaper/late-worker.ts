/** A worker with no records when its main process is killed: its test leaves a file once `<file>.go` exists. */
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { joinRun } from '../../src/runner/session.ts'
import { track } from '../../src/tracking/facade.ts'
import type { RunTicket } from '../../src/tracking/run-ticket.ts'

const [text = '', file = ''] = process.argv.slice(2)
const session = await joinRun(JSON.parse(text) as RunTicket, { moduleHooks: false })
const scope = session.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['is late'], attempt: 0 })
while (!existsSync(`${file}.go`)) await setTimeout(20)
scope.run(() => {
  writeFileSync(file, '')
  track({ type: 'file', id: file, remove: { file } })
})
writeFileSync(`${file}.done`, '')
// Runs until it is killed.
setInterval(() => {}, 1_000)
