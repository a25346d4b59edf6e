import type { CaptureSink, PendingCreate } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import type { PlannedWrite } from '../rewriting/plan-write.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import type { SessionCapture } from './session-capture.ts'

/** The sink's `begin`, bound to the caller's scope. */
export type Begin = CaptureSink['begin']

/** Writes the intent of an INSERT to disk before it is sent. Undefined when the INSERT is not tracked. */
export function announce(planned: PlannedWrite, capture: SessionCapture, begin: Begin): PendingCreate | undefined {
  const { facts, write } = planned
  if (write.verb !== 'insert' || !facts || facts.temporary) return undefined
  const { marker } = facts
  const isMarked = marker !== null && write.columns !== undefined && !write.columns.includes(marker)
  return announceTable(facts, capture, begin, 'INSERT INTO', isMarked)
}

export function announceTable(
  facts: TableFacts,
  capture: SessionCapture,
  begin: Begin,
  verb: string,
  isMarked = false,
): PendingCreate | undefined {
  const { store, sender: session, sink } = capture
  if (!store || capture.ignores(store, facts)) return undefined
  const run = session !== undefined && isMarked ? sink.marker?.run : undefined
  return begin({
    ...{ kind: '@dustpan/postgres', store, type: typeOf(facts), via: `${verb} ${readableTable(facts)}` },
    ...(session === undefined ? {} : { session }),
    ...(run === undefined ? {} : { marker: run }),
  })
}
