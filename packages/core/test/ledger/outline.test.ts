import { appendFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/ledger/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { openJournal } from '../../src/ledger/journal.ts'
import { liveRuns } from '../../src/ledger/live-runs.ts'
import { isSettled, outlineOf, readOutline } from '../../src/ledger/outline.ts'
import { thisProcess } from '../../src/ledger/process-identity.ts'
import { readRun } from '../../src/ledger/read.ts'
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

/** A run whose only writer is as given: of another machine, and so taken for going on until it has ended. */
function runOf(events: readonly EventBody[], writer: object = {}): string {
  const dir = scratchFolder()
  const journal = openJournal(dir, { ...writerLine('w1'), ...writer })
  for (const event of events) journal.append(event)
  journal.close()
  return dir
}

test('counts what the whole record says, and keeps it for the next reader', () => {
  const dir = runOf([createdLine('a', [1, 2]), createdLine('b'), ...removed, kept, intended, ended])
  const made = outlineOf(dir, 'r1')
  expect(made).toMatchObject({ states: { removed: 2, kept: 1 }, intents: 1, ended: 'passed', endedInParts: false })
  const { startedAt, latestAt, writers } = foldRun('r1', readRun(dir, 'r1'))
  expect(made).toMatchObject({ startedAt, latestAt, writers })
  expect(readOutline(dir, 'r1')).toEqual(made)
})

test('of a run that goes on nothing is kept', () => {
  const dir = runOf([createdLine('a')], thisProcess())
  expect(outlineOf(dir, 'r1').states).toEqual({ live: 1 })
  expect(existsSync(outlineFile(dir))).toBe(false)
})

test.each<[string, (folder: string) => void]>([
  ['a line more', (folder) => appendFileSync(join(folder, 'w1.jsonl'), '\n')],
  ['a journal more', (folder) => writeFileSync(join(folder, 'w2.jsonl'), '')],
  ['a journal of another time', (folder) => utimesSync(join(folder, 'w1.jsonl'), 1, 1)],
  ['an outline that is torn', (folder) => writeFileSync(join(folder, 'outline.json'), '{"v":1,')],
  ['an outline of another version', (folder) => replaceIn(folder, '"v":1', '"v":2')],
  ['an outline without counts', (folder) => replaceIn(folder, '"states":{', '"other":{')],
])('%s: it counts for nothing, and is made again', (_, change) => {
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

test('where nothing can be written beside the journals, it is made each time', () => {
  const dir = runOf([createdLine('a', [1, 2]), ...removed, ended])
  mkdirSync(outlineFile(dir))
  expect(outlineOf(dir, 'r1').states).toEqual({ removed: 2 })
  expect(outlineOf(dir, 'r1').states).toEqual({ removed: 2 })
})

test.each<[string, readonly EventBody[], boolean]>([
  ['all is removed', [createdLine('a', [1, 2]), ...removed, ended], true],
  ['nothing was created', [ended], true],
  ['it has not ended', [createdLine('a', [1, 2]), ...removed], false],
  ['something is kept', [createdLine('a', [1, 2]), ...removed, createdLine('b'), kept, ended], false],
  ['something is left', [createdLine('a', [1, 2]), ...removed, createdLine('b'), ended], false],
  ['nobody knows what came of a creation', [createdLine('a', [1, 2]), ...removed, intended, ended], false],
])('a run is settled or not where %s', (_, events, settled) => {
  expect(isSettled(outlineOf(runOf(events), 'r1'))).toBe(settled)
})

test('what goes on is found among runs with an outline and without', () => {
  const dir = runOf([createdLine('a', [1, 2]), ...removed, ended])
  outlineOf(dir, 'r1')
  openJournal(dir, { ...writerLine('w2', 'r2'), ...thisProcess() }).append(createdLine('b'))
  openJournal(dir, writerLine('w3', 'r3')).append(ended)
  expect(liveRuns(dir).map(({ id }) => id)).toEqual(['r2'])
})
