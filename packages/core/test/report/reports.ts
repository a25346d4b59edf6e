/** Reports built from ledger events as test runs write them. */
import type { EventBody, LedgerEvent } from '../../src/journal/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { runReport } from '../../src/report/build.ts'
import type { CleanupReport } from '../../src/report/model.ts'
import { recordsOf } from '../../src/report/record.ts'
import type { Json, Resource, State } from '../../src/resource/resource.ts'

export interface Made {
  readonly type: string
  readonly keys: readonly Json[]
  readonly state?: State
  readonly result?: string
  readonly why?: string
  readonly error?: { code: string; message: string; hint?: string }
  readonly source?: string
}

/** Tests by title with their resources; a test with a kept resource has failed. */
export type Tests = Readonly<Record<string, readonly Made[]>>

export const reportOf = (tests: Tests, more: readonly EventBody[] = []): CleanupReport =>
  runReport(folded(tests, more), describe)

export const recordsOfTests = (tests: Tests) => recordsOf(folded(tests, []), describe)

const describe = ({ set, key }: Resource): string => `DELETE /${set.type}s/${String(key)}`

function folded(tests: Tests, more: readonly EventBody[]): FoldedRun {
  const bodies = [
    ...head,
    ...Object.entries(tests).flatMap(([title, made], i) => testEvents(`w-s${i}`, title, made)),
    ...more,
  ]
  const start = Date.UTC(2026, 10, 21, 5, 12)
  const events = bodies.map((body, n): LedgerEvent => ({ v: 1, n, t: start + n, ...body }))
  return foldRun('20261121-051207-k3f9x2', [{ file: 'w.jsonl', events, torn: [] }])
}

const metadata = {
  environment: 'local',
  agent: 'vm',
  createdBy: 'dustpan',
  strategy: 'conditional',
  projectVersion: '1.2.3',
}
const process = { host: 'vm', boot: 'b', pid: 1, pidStart: '1', thread: 0 }
const head: readonly EventBody[] = [
  {
    e: 'writer',
    writer: 'w',
    run: '20261121-051207-k3f9x2',
    role: 'main',
    runner: 'vitest 5.1.1',
    metadata,
    ...process,
  },
]

function testEvents(scope: string, title: string, made: readonly Made[]): EventBody[] {
  const keeps = made.some(({ state }) => state === 'kept')
  const ending = keeps
    ? ({ verdict: 'failed', decision: 'keep', until: Date.UTC(2026, 10, 22, 5, 12), why: 'test-failed' } as const)
    : ({ verdict: 'passed', decision: 'remove', why: 'test-passed' } as const)
  return [
    { e: 'scope.opened', scope, kind: 'test', file: 'test/cart.test.ts', path: [title], attempt: 0 },
    ...made.flatMap((one, i) => madeEvents(scope, `${scope}.${i}`, one)),
    { e: 'scope.closed', scope, ...ending },
  ]
}

function madeEvents(scope: string, set: string, { type, keys, state = 'live', source, ...outcome }: Made): EventBody[] {
  const ids = keys.map((_, i) => `${set}.${i}`)
  const flag = state === 'shared' || state === 'audit' ? { [state]: true as const } : {}
  const created: EventBody = {
    ...{ e: 'created', scope, set, type, keys, store: { driver: 'http', id: 'http://localhost:3000' } },
    ...{
      steps: [{ driver: 'http', op: 'request', v: 1, args: null }],
      proof: { strength: 'key-only' },
      lifetime: 'test',
    },
    ...{ origin: 'tracked', attributed: 'test', ...(source === undefined ? {} : { source }), ...flag },
  }
  return [created, ...fate(set, ids, state, outcome)]
}

function fate(
  batch: string,
  ids: string[],
  state: State,
  { why = '', result, error }: Omit<Made, 'type' | 'keys'>,
): EventBody[] {
  if (state === 'live' || state === 'shared' || state === 'audit') return []
  if (state === 'kept') return [{ e: 'kept', ids, why: why || 'test-failed' }]
  if (state === 'gone') return [{ e: 'gone', ids, by: 'rollback' }]
  const others = {
    state,
    ...(why === '' ? {} : { why }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  }
  return [
    { e: 'removal.begun', batch, ids },
    { e: 'removal.ended', batch, durationMs: 10, outcomes: [], others },
  ]
}
