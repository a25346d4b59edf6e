import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { type Journal, openJournal } from '../../src/journal/journal.ts'
import { othersAtWork } from '../../src/ledger/others-at-work.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine, writerLine } from './writers.ts'

const journalOf = (dir: string, writer: string, run: string): Journal =>
  openJournal(dir, { ...writerLine(writer, run), ...thisProcess() })

const createdIn = (store: string, set: string): EventBody =>
  ({ ...createdLine(set), store: { driver: 'main', id: store } }) as EventBody

test('resources of other processes and live runs in a store are seen as soon as they are written', () => {
  const dir = scratchFolder()
  const [own, worker, main] = ['own', 'worker', 'main'].map((name) => journalOf(dir, name, 'r1')) as [
    Journal,
    Journal,
    Journal,
  ]
  const read = othersAtWork(dir, { run: 'r1', writer: 'own' }, 'x')
  const states = () => Object.fromEntries(read().map(({ id, state }) => [id, state]))
  expect(states()).toEqual({})
  own.append(createdIn('x', 'own-0'))
  worker.append(createdIn('x', 'worker-0'))
  worker.append(createdIn('y', 'worker-1'))
  expect(states()).toEqual({ 'worker-0.0': 'live' })
  // Another process may clean up.
  main.append({ e: 'removal.begun', batch: 'b', ids: ['worker-1.0', 'worker-0.0'] })
  main.append({ e: 'removal.ended', batch: 'b', durationMs: 1, outcomes: [], others: { state: 'removed' } })
  worker.append(createdIn('x', 'worker-2'))
  worker.append({ e: 'kept', ids: ['worker-2.0'], why: 'w' })
  expect(states()).toEqual({ 'worker-0.0': 'removed', 'worker-2.0': 'kept' })
  const [other, over] = [journalOf(dir, 'other', 'r2'), journalOf(dir, 'over', 'r3')]
  other.append(createdIn('x', 'other-0'))
  over.append(createdIn('x', 'over-0'))
  over.append({ e: 'run.ended', reason: 'passed' })
  expect(states()).toMatchObject({ 'other-0.0': 'live', 'worker-2.0': 'kept' })
  expect(states()).not.toHaveProperty('over-0.0')
  for (const journal of [own, worker, main, other, over]) journal.close()
})

test('an incomplete line is read once it is complete', () => {
  const dir = scratchFolder()
  const journal = journalOf(dir, 'worker', 'r1')
  journal.append(createdIn('x', 'worker-0'))
  journal.close()
  const read = othersAtWork(dir, { run: 'r1', writer: 'own' }, 'x')
  const line = JSON.stringify({ v: 1, n: 9, t: 9, ...createdIn('x', 'worker-9') })
  const file = join(dir, 'runs', 'r1', 'worker.jsonl')
  appendFileSync(file, line.slice(0, 40))
  expect(read().map(({ id }) => id)).toEqual(['worker-0.0'])
  appendFileSync(file, `${line.slice(40)}\n`)
  expect(read().map(({ id }) => id)).toEqual(['worker-0.0', 'worker-9.0'])
})
