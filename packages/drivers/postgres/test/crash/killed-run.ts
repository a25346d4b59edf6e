/** Child process, `node killed-run.ts <folder> <url> <plan>`: carries out the acts in a test that does not end, prints the id of the run, and waits to be killed. */
import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { dieOf } from '@dustpan/conformance/run/die-of'
import { once } from '@dustpan/conformance/servers'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import pg from 'pg'
import postgresJs from 'postgres'
import { committed, isEnd, open, prepared, together } from './acts.ts'
import type { Plan } from './killed.ts'

const [folder = '', url = '', given = ''] = process.argv.slice(2)
const { acts, diesOf } = JSON.parse(given) as Plan
const main = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(main.ticket, { moduleHooks: false })
session.deliver(postgresJs)
session.deliver(pg)
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
await scope.ready()
if (diesOf) dieOf(diesOf, main.ticket.run)
else ignoreAnswersToEnds()
for (const [id, name] of acts.entries()) await act(id, name)
console.log(main.ticket.run)
globalThis.setInterval(() => {}, 1_000)

async function act(id: number, name: string): Promise<void> {
  const answered = { ...open, ...prepared, ...together }[name]
  if (answered) return void (await scope.run(() => answered(id, url, folder)))
  const unanswered = committed[name]
  if (!unanswered) throw new Error(`Nothing is called ${name}`)
  scope.run(() => unanswered(id, url, folder)).catch(() => {})
  for (let tries = 0; !(await isThere(id)); tries++) {
    if (tries > 1_000) throw new Error(`Nothing is committed by ${name}`)
    await setTimeout(5)
  }
}

async function isThere(id: number): Promise<boolean> {
  const { rowCount } = await once(url, `SELECT FROM t WHERE id = ${id}`)
  return rowCount === 1
}

/** Stops reading from a connection once the end of a transaction is sent on it. */
function ignoreAnswersToEnds(): void {
  const { write } = Socket.prototype
  Socket.prototype.write = function unanswered(this: Socket, chunk: Buffer, ...more: never[]) {
    if (acts.some((name) => name in committed) && isEnd(String(chunk))) this.pause()
    return write.call(this, chunk, ...more)
  } as typeof write
}
