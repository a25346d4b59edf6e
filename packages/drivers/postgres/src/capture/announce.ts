import type { PendingCreate } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import type { ClientCapture } from './client-capture.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { TableFacts } from './table-facts.ts'

/** The sink's `begin`, in the caller's scope. */
export type Begin = ClientCapture['sink']['begin']

/** Puts the intent of an INSERT on disk, before it is sent. Undefined: it is not tracked. */
export function announce(planned: PlannedWrite, capture: ClientCapture, begin: Begin): PendingCreate | undefined {
  const { facts, write } = planned
  if (write.verb !== 'insert' || !facts || facts.temporary) return undefined
  return announceTable(facts, capture, begin, 'INSERT INTO')
}

export function announceTable(
  facts: TableFacts,
  capture: ClientCapture,
  begin: Begin,
  verb: string,
): PendingCreate | undefined {
  const { store } = capture
  if (!store || capture.ignores(store, facts)) return undefined
  return begin({ kind: '@dustpan/postgres', store, type: typeOf(facts), via: `${verb} ${readableTable(facts)}` })
}
