import type { EventBody, LedgerEvent } from '../../src/journal/events.ts'
import type { JournalContent } from '../../src/journal/read.ts'

export const writerLine = (writer: string, run = 'r1'): Extract<EventBody, { e: 'writer' }> => ({
  ...{
    e: 'writer',
    writer,
    run,
    role: 'worker',
    runner: 'test',
    host: 'h',
    boot: 'b',
    pid: 1,
    pidStart: '1',
    thread: 0,
  },
  metadata: { environment: 'local', agent: 'a', createdBy: 'dustpan', strategy: 'immediate' },
})

export const createdLine = (set: string, keys: readonly (string | number)[] = [1], tx?: string): EventBody => ({
  ...{ e: 'created', scope: 's', set, type: 'user', keys, store: { driver: 'main', id: 'x' }, steps: [] },
  ...{ proof: { strength: 'key-only' }, lifetime: 'test', origin: 'tracked', attributed: 'test' },
  ...(tx === undefined ? {} : { tx }),
})

/** A journal whose events have the given times, or consecutive ones. */
export function journal(file: string, events: readonly EventBody[], times: readonly number[] = []): JournalContent {
  return { file, events: events.map((event, n): LedgerEvent => ({ v: 1, n, t: times[n] ?? n, ...event })), torn: [] }
}
