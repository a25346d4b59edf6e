/** A process that tracks a file in a test that does not end, prints the run's id, and waits to be killed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { loadSettings } from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const folder = process.argv[2] as string
const run = beginRun(await loadSettings(folder), 'vitest 5.1.1', {})
const session = await joinRun(run.ticket)
const path = join(folder, process.argv[3] ?? 'left.txt')
writeFileSync(path, 'left')
session
  .openScope(undefined, { kind: 'test', file: 'test/cart.test.ts', path: ['hangs'], attempt: 0 })
  .run(() => track({ type: 'file', id: path }))
console.log(run.ticket.run)
setInterval(() => {}, 1000)
