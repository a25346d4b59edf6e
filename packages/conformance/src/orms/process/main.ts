/** A program that uses an ORM inside Dustpan's tests, or without Dustpan: `node main.ts <task as JSON>`. */
import { inspect } from 'node:util'
import { ormCases } from '../cases.ts'
import type { Orm, OrmClient } from '../subject.ts'
import type { Answer, Done, Order, Task } from './messages.ts'
import { noSession, type TestSession } from './test-session.ts'

const task = JSON.parse(process.argv[2] ?? '') as Task
const session = task.project ? await (await import('./dustpan-session.ts')).join(task.project) : noSession
const client = await open()
/** Numbers object ids in order of appearance, as they are new in every process. */
const objectIds = new Map<string, string>()

process.on('message', (order: Order) => void answer(order))
process.once('disconnect', () => process.exit()) // an open pool would keep it alive
process.send?.({ done: {} } satisfies Answer)

async function open(): Promise<OrmClient> {
  const { orm } = (await import(task.module)) as { orm: Orm }
  const connection = orm.connections[task.at]
  if (!connection) throw new Error(`${orm.name} has no connection ${task.at}`)
  return connection.open(task.url, task.prepared)
}

async function answer(order: Order): Promise<void> {
  const reply: Answer = await carryOut(order, session).then(
    (done) => ({ done }),
    (error) => ({ failed: inspect(error) }),
  )
  process.send?.(reply)
  if (order === 'end') process.disconnect()
}

async function carryOut(order: Order, { test, close, end }: TestSession): Promise<Done> {
  if (order === 'close') return close()
  if (order === 'end') {
    await client[Symbol.asyncDispose]()
    await end()
    return {}
  }
  const one = ormCases.find(({ name }) => name === order.act)
  if (!one) throw new Error(`There is no case ${order.act}`)
  let answered: unknown
  const recorded = await test(order.act, async () => {
    answered = await one.act(client)
  })
  return { ...recorded, answer: shown(answered) }
}

/** The result without what differs between two equal databases. */
function shown(answered: unknown): string {
  const text = inspect(answered, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null })
  return text.replace(/tableID: \d+/g, 'tableID: …').replace(/\b[0-9a-f]{24}\b/g, objectId)
}

function objectId(hex: string): string {
  const known = objectIds.get(hex) ?? `id ${objectIds.size + 1}`
  objectIds.set(hex, known)
  return known
}
