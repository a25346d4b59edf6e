import { appendFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { liveRuns } from '../../src/ledger/live-runs.ts'
import { isSettled, outlineOf, readOutline } from '../../src/ledger/outline.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine, writerLine } from './writers.ts'

const removed: readonly EventBody[] = [
  { e: 'removal.begun', batch: 'b', ids: ['a.0', 'a.1'] },
  { e: 'removal.ended', batch: 'b', durationMs: 1, outcomes: [], others: { state: 'removed' } },
]
const ended: EventBody = { e: 'run.ended', reason: 'passed' }
const kept: EventBody = { e: 'kept', ids: ['b.0'], why: 'w' }
const intended: EventBody = {
  ...{
    e: 'create.intended',
    scope: 's',
    intent: 'i',
    store: { driver: 'main', id: 'x' },
    type: 'user',
    via: 'v',
    at: 1,
  },
}

const outlineFile = (dir: string): string => join(dir, 'runs', 'r1', 'outline.json')

/** A run with a single writer on another machine, which counts as live until it has ended. */
function runOf(events: readonly EventBody[], writer: object = {}): string {
  const dir = scratchFolder()
  const journal = openJournal(dir, { ...writerLine('w1'), ...writer })
  for (const event of events) journal.append(event)
  journal.close()
  return dir
}

test('an outline counts the whole run and is kept for the next reader', () => {
  const dir = runOf([createdLine('a', [1, 2]), createdLine('b'), ...removed, kept, intended, ended])
  const made = outlineOf(dir, 'r1')
  expect(made).toMatchObject({ states: { removed: 2, kept: 1 }, intents: 1, ended: 'passed', endedInParts: false })
  const { startedAt, latestAt, writers } = foldRun('r1', readRun(dir, 'r1'))
  expect(made).toMatchObject({ startedAt, latestAt, writers })
  expect(readOutline(dir, 'r1')).toEqual(made)
})

test('no outline is kept for a running run', () => {
  const dir = runOf([createdLine('a')], thisProcess())
  expect(outlineOf(dir, 'r1').states).toEqual({ live: 1 })
  expect(existsSync(outlineFile(dir))).toBe(false)
})

test.each<[string, (folder: string) => void]>([
  ['an added line', (folder) => appendFileSync(join(folder, 'w1.jsonl'), '\n')],
  ['an added journal', (folder) => writeFileSync(join(folder, 'w2.jsonl'), '')],
  ['a journal with another modification time', (folder) => utimesSync(join(folder, 'w1.jsonl'), 1, 1)],
  ['a torn outline', (folder) => writeFileSync(join(folder, 'outline.json'), '{"v":1,')],
  ['an outline of another version', (folder) => replaceIn(folder, '"v":1', '"v":2')],
  ['an outline without counts', (folder) => replaceIn(folder, '"states":{', '"other":{')],
])('%s makes the outline invalid, and it is written again', (_, change) => {
  const dir = runOf([createdLine('a', [1, 2]), ...removed, ended])
  const made = outlineOf(dir, 'r1')
  expect(readOutline(dir, 'r1')).toEqual(made)
  change(join(dir, 'runs', 'r1'))
  expect(readOutline(dir, 'r1')).toBeUndefined()
  expect(outlineOf(dir, 'r1')).toEqual(made)
  expect(readOutline(dir, 'r1')).toEqual(made)
})

function replaceIn(folder: string, text: string, by: string): void {
  const file = join(folder, 'outline.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(text, by))
}

test('an outline that cannot be written is computed each time', () => {
  const dir = runOf([createdLine('a', [1, 2]), ...removed, ended])
  mkdirSync(outlineFile(dir))
  expect(outlineOf(dir, 'r1').states).toEqual({ removed: 2 })
  expect(outlineOf(dir, 'r1').states).toEqual({ removed: 2 })
})

test.each<[string, readonly EventBody[], boolean]>([
  ['true when all resources are removed', [createdLine('a', [1, 2]), ...removed, ended], true],
  ['true when nothing was created', [ended], true],
  ['false when the run has not ended', [createdLine('a', [1, 2]), ...removed], false],
  ['false when a resource is kept', [createdLine('a', [1, 2]), ...removed, createdLine('b'), kept, ended], false],
  ['false when a resource is left', [createdLine('a', [1, 2]), ...removed, createdLine('b'), ended], false],
  ['false when an intent is open', [createdLine('a', [1, 2]), ...removed, intended, ended], false],
])('isSettled() is %s', (_, events, settled) => {
  expect(isSettled(outlineOf(runOf(events), 'r1'))).toBe(settled)
})

test('live runs are found among runs with and without an outline', () => {
  const dir = runOf([createdLine('a', [1, 2]), ...removed, ended])
  outlineOf(dir, 'r1')
  openJournal(dir, { ...writerLine('w2', 'r2'), ...thisProcess() }).append(createdLine('b'))
  openJournal(dir, writerLine('w3', 'r3')).append(ended)
  expect(liveRuns(dir).map(({ id }) => id)).toEqual(['r2'])
})
