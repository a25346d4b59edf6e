/**
 * Runs as a process: `node killed-run.ts <folder> <url> <plan>`. In a test that does not end, each connection performs its steps;
 * the server also performs the `unheard` one, whose response is not read. Prints the run's id, and waits to be killed.
 */
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { dieOf } from '@dustpan/conformance/run/die-of'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import type { Plan, Step } from './killed.ts'

const [folder = '', url = '', given = ''] = process.argv.slice(2)
const { connections, until, diesOf } = JSON.parse(given) as Plan
const main = beginRun(await prepareSettings(folder), 'test', {})
const session = await joinRun(main.ticket, { moduleHooks: false })
const watcher = await mysql.createConnection(url)
session.deliver(mysql2)
const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
await scope.ready()
if (diesOf) dieOf(diesOf, main.ticket.run)
for (const { steps, unheard } of connections) {
  const db = await mysql.createConnection({ uri: url, multipleStatements: true })
  for (const step of steps) await scope.run(await prepared(db, step))
  if (!unheard) continue
  const before = await count()
  const send = await prepared(db, unheard)
  ignoreResponseOf(db, unheard)
  void scope.run(send)
  for (let tries = 0; (await count()) === before; tries++) {
    if (tries > 1_000) throw new Error(`Nothing is committed by ${JSON.stringify(unheard)}`)
    await setTimeout(5)
  }
}
console.log(main.ticket.run)
globalThis.setInterval(() => {}, 1_000)

async function prepared(db: mysql.Connection, step: Step): Promise<() => Promise<unknown>> {
  if (typeof step === 'string') return () => db.query(step)
  if ('call' in step) return () => db[step.call]()
  const statement = await db.prepare('execute' in step ? step.execute : step.prepare)
  return () => ('execute' in step ? db.execute(step.execute) : statement.execute([]))
}

/** Stops reading responses; for a text only once it is sent, so that queries before it get theirs. */
function ignoreResponseOf(db: mysql.Connection, step: Step): void {
  const { stream } = (db as unknown as { connection: { stream: Socket } }).connection
  if (typeof step !== 'string') {
    stream.pause()
    return
  }
  const { write } = stream
  stream.write = ((chunk: Buffer, ...more: never[]) => {
    if (chunk.includes(step)) stream.pause()
    return write.call(stream, chunk, ...more)
  }) as typeof write
}

async function count(): Promise<unknown> {
  const [rows] = await watcher.query(until)
  return JSON.stringify(rows)
}
