/** Patches a class of prepared statements, and the tag stores of node:sqlite, which run their statements internally. */
import { asOne, type PatchedCall } from '@dustpan/core/driver'
import type { Database } from '../client.ts'
import { patch } from '../patch.ts'
import type { Connect } from './capture-class.ts'
import type { Connection } from './connection.ts'
import { type StatementText, statementText } from './statement-text.ts'

/** The connection of a statement or tag store, from when it was created. */
export interface Prepared {
  readonly connection: Connection
  /** Undefined for a tag store, whose calls each have their own text. */
  readonly text: StatementText | undefined
}

export function captureStatements(
  prototype: object,
  prepared: WeakMap<object, Prepared>,
  connect: Connect,
): Disposable {
  const find = (statement: object) => prepared.get(statement) ?? rememberStatement(prepared, statement, connect)
  const patches = ['run', 'get', 'all'].map((method) => patch(prototype, method, (call) => running(call, find)))
  patches.push(patch(prototype, 'iterate', (call) => iterating(call, find)))
  return asOne(patches)
}

type Find = (statement: object) => Prepared | undefined

function running(call: PatchedCall, find: Find): PatchedCall {
  return function (...args) {
    const known = find(this as object)
    const text = known?.text ?? taggedText(known, args[0])
    if (known === undefined || text === undefined) return call.apply(this, args)
    return known.connection.statement(text, () => call.apply(this, args))
  }
}

/** An iterator runs its statement on the first call of `next`. */
function iterating(call: PatchedCall, find: Find): PatchedCall {
  return function (...args) {
    const known = find(this as object)
    const text = known?.text ?? taggedText(known, args[0])
    if (known === undefined || text?.writes !== true) return call.apply(this, args)
    known.connection.ready(text)
    const iterator = call.apply(this, args) as Iterator<unknown>
    const { next } = iterator
    let started = false
    const startingNext = () => {
      if (started) return next.call(iterator)
      started = true
      return known.connection.statement(text, () => next.call(iterator))
    }
    return Object.assign(iterator, { next: startingNext })
  }
}

/** better-sqlite3's statements expose their database, including statements that its own methods prepare. */
function rememberStatement(
  prepared: WeakMap<object, Prepared>,
  statement: object,
  connect: Connect,
): Prepared | undefined {
  const { database, source } = statement as { database?: Database; source?: string }
  const connection = database && connect(database)
  if (connection === undefined || source === undefined) return undefined
  const known = { connection, text: statementText(source) }
  prepared.set(statement, known)
  return known
}

function taggedText(known: Prepared | undefined, strings: unknown): StatementText | undefined {
  return known !== undefined && Array.isArray(strings) ? statementText(strings.join('?')) : undefined
}
