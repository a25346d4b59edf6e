/** A program: one run of 100 tests of 20 ms that each track a file. Prints the duration. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { track } from '@dustpan/core'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const folder = process.argv[2] as string
const settings = await prepareSettings(folder)
const start = performance.now()
const run = beginRun(settings, 'bench', {})
const session = await joinRun(run.ticket)
const file = session.openScope(undefined, { kind: 'file', file: 'bench', attempt: 0 })
for (let n = 0; n < 100; n++) {
  const test = session.openScope(file, { kind: 'test', path: [`test ${n}`], attempt: 0 })
  const path = join(folder, `made-${n}`)
  test.run(() => {
    writeFileSync(path, '')
    track({ type: 'file', id: path })
  })
  await setTimeout(20)
  await test.close('passed', { willRetry: false })
}
await session[Symbol.asyncDispose]()
await run.end('passed')
console.log(performance.now() - start)
