/**
 * A run whose process dies in the middle of a create: `node killed.ts <folder> <store> <url> <when> [SQL]`. It prints the run's id, and creates
 * things in a test, waiting for a line on stdin before each step. `before-fact`: it kills itself before the create is recorded;
 * `never`: it is killed from outside.
 */
import { once } from 'node:events'
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import { type StoreName, stores } from './stores.ts'

const [folder = '', name = '', url = '', when = '', also = ''] = process.argv.slice(2)
const { driver, library, prepare } = stores[name as StoreName]
const require = createRequire(new URL(`../../../drivers/${driver}/package.json`, import.meta.url))
const run = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(run.ticket, { role: 'main', moduleHooks: false })
const loaded: unknown = require(library)
session.deliver(loaded)
const file = session.openScope(undefined, { kind: 'file', file: 'a.test.ts', attempt: 0 })
const test = session.openScope(file, { kind: 'test', file: 'a.test.ts', path: ['dies'], attempt: 0 })
await printAndWait(run.ticket.run)
await test.run(async () => {
  const create = await prepare(loaded, url, also)
  if (when === 'before-fact') dieBeforeFact()
  else await printAndWait('prepared')
  await create()
})

/** Prints a line, and waits for one on stdin. */
async function printAndWait(line: string): Promise<void> {
  process.stdout.write(`${line}\n`)
  await once(process.stdin, 'data')
}

function dieBeforeFact(): void {
  const { writeSync } = fs
  fs.writeSync = ((fd: number, text: string) => {
    if (String(text).includes('"e":"created"')) process.kill(process.pid, 'SIGKILL')
    return writeSync(fd, text)
  }) as typeof writeSync
  syncBuiltinESMExports()
}
