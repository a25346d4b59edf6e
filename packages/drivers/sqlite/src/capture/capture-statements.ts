/** Patches a class of prepared statements, and the tag stores of node:sqlite, which run theirs unseen. */
import { asOne, type PatchedCall } from '@dustpan/core/driver'
import type { Database } from '../client.ts'
import { patch } from '../patch.ts'
import type { Connect } from './capture-class.ts'
import type { Connection } from './connection.ts'
import { type StatementText, statementText } from './statement-text.ts'

/** A statement or tag store knows its connection from when it was made. */
export interface Prepared {
  readonly connection: Connection
  /** Undefined for a tag store, where each call has its own. */
  readonly text: StatementText | undefined
}

export function captureStatements(
  prototype: object,
  prepared: WeakMap<object, Prepared>,
  connect: Connect,
): Disposable {
  const find = (statement: object) => prepared.get(statement) ?? remember(prepared, statement, connect)
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

/** An iterator runs its statement when it is first asked. */
function iterating(call: PatchedCall, find: Find): PatchedCall {
  return function (...args) {
    const known = find(this as object)
    const text = known?.text ?? taggedText(known, args[0])
    if (known === undefined || text?.writes !== true) return call.apply(this, args)
    known.connection.ready(text)
    const iterator = call.apply(this, args) as Iterator<unknown>
    const { next } = iterator
    let begun = false
    const first = () => {
      if (begun) return next.call(iterator)
      begun = true
      return known.connection.statement(text, () => next.call(iterator))
    }
    return Object.assign(iterator, { next: first })
  }
}

/** better-sqlite3's statements name their database, also those that its own methods prepare. */
function remember(prepared: WeakMap<object, Prepared>, statement: object, connect: Connect): Prepared | undefined {
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
