import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/read.ts'
import { lockRun } from '../../src/ledger/cleaner-lock.ts'
import { compactOlderRuns } from '../../src/ledger/compact-older-runs.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { outlineOf, readOutline } from '../../src/ledger/outline.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine, writerLine } from './writers.ts'

const folderOf = (dir: string): string => join(dir, 'runs', 'r1')
const dead = { ...thisProcess(), pid: 2 ** 22 + 1 }
const removed = (id: string): readonly EventBody[] => [
  { e: 'removal.begun', batch: id, ids: [id] },
  { e: 'removal.ended', batch: id, durationMs: 1, outcomes: [], others: { state: 'removed' } },
]

/** A run of two dead writers with an outline, as at the end of a run. */
function cleanRun(more: readonly EventBody[] = [], writer: object = dead): string {
  const dir = scratchFolder()
  for (const name of ['w1', 'w2']) {
    const journal = openJournal(dir, { ...writerLine(name), ...writer })
    journal.append(createdLine(`${name}-1`))
    for (const event of [...removed(`${name}-1.0`), ...more]) journal.append(event)
    journal.append({ e: 'run.ended', reason: 'passed' })
    journal.close()
  }
  outlineOf(dir, 'r1')
  return dir
}

const journalsOf = (dir: string): readonly string[] =>
  readdirSync(folderOf(dir))
    .filter((name) => name.includes('.jsonl'))
    .sort()

const plain = ['w1.jsonl', 'w2.jsonl']
const compacted = ['w1.jsonl.gz', 'w2.jsonl.gz']

test('a run with nothing left is compacted at the end of another run and reads the same', () => {
  const dir = cleanRun()
  const [before, outline] = [readRun(dir, 'r1'), readOutline(dir, 'r1')]
  const bytes = plain.map((name) => readFileSync(join(folderOf(dir), name)))
  compactOlderRuns(dir, 'r2')
  expect(journalsOf(dir)).toEqual(compacted)
  expect(compacted.map((name) => gunzipSync(readFileSync(join(folderOf(dir), name))))).toEqual(bytes)
  expect(compacted.map((name) => statSync(join(folderOf(dir), name)).mode & 0o777)).toEqual([0o600, 0o600])
  expect(readRun(dir, 'r1')).toEqual(before)
  expect(readOutline(dir, 'r1')).toEqual(outline)
  expect(foldRun('r1', readRun(dir, 'r1')).resources.get('w2-1.0')).toMatchObject({ state: 'removed', key: 1 })
})

test.each<[string, () => string]>([
  ['a resource is left', () => cleanRun([createdLine('x')])],
  ['a resource is kept', () => cleanRun([createdLine('x'), { e: 'kept', ids: ['x.0'], why: 'w' }])],
  ['one of its writers is alive', () => cleanRun([], thisProcess())],
  ['a writer of another machine has just written', () => cleanRun([], { host: 'elsewhere' })],
])('a run is not compacted while %s', (_, make) => {
  const dir = make()
  compactOlderRuns(dir, 'r2')
  expect(journalsOf(dir)).toEqual(plain)
})

test('the ending run itself, a locked run and a run without an outline are not compacted', () => {
  const dir = cleanRun()
  compactOlderRuns(dir, 'r1')
  expect(journalsOf(dir)).toEqual(plain)
  {
    using _lock = lockRun(dir, 'r1')
    compactOlderRuns(dir, 'r2')
    expect(journalsOf(dir)).toEqual(plain)
  }
  writeFileSync(join(folderOf(dir), 'outline.json'), '')
  compactOlderRuns(dir, 'r2')
  expect(journalsOf(dir)).toEqual(plain)
})

test('a crash while compacting loses and duplicates no record', () => {
  const dir = cleanRun()
  const before = readRun(dir, 'r1')
  const [first = '', second = ''] = plain.map((name) => join(folderOf(dir), name))
  writeFileSync(`${first}.gz`, gzipSync(readFileSync(first)))
  writeFileSync(`${second}.99.new`, gzipSync(readFileSync(second)).subarray(0, 40))
  expect(readRun(dir, 'r1')).toEqual(before)
  outlineOf(dir, 'r1')
  compactOlderRuns(dir, 'r2')
  expect(journalsOf(dir).filter((name) => !name.endsWith('.new'))).toEqual(compacted)
  expect(readRun(dir, 'r1')).toEqual(before)
})

test('the readable part of a damaged compacted journal is read, and DUSTPAN_LEDGER_TORN reports the rest', () => {
  const dir = cleanRun()
  compactOlderRuns(dir, 'r2')
  const file = join(folderOf(dir), 'w1.jsonl.gz')
  const bytes = readFileSync(file)
  for (const damaged of [
    bytes.subarray(0, bytes.length - 30),
    bytes.subarray(0, 12),
    Buffer.from('no gzip'),
    Buffer.alloc(0),
  ]) {
    writeFileSync(file, damaged)
    const run = foldRun('r1', readRun(dir, 'r1'))
    expect(run.resources.get('w2-1.0')).toMatchObject({ state: 'removed' })
    expect(run.warnings).toEqual([
      { code: 'DUSTPAN_LEDGER_TORN', message: expect.stringContaining(join('r1', 'w1.jsonl')) },
    ])
  }
})

test('a compacted run can be cleaned again, with plain journals beside the compacted ones', () => {
  const dir = cleanRun()
  compactOlderRuns(dir, 'r2')
  openJournal(dir, { ...writerLine('cli'), role: 'cli' }).append({
    e: 'restore.begun',
    batch: 'r',
    ids: ['w1-1.0'],
    after: Date.now(),
  })
  expect(journalsOf(dir)).toEqual(['cli.jsonl', ...compacted])
  expect(foldRun('r1', readRun(dir, 'r1')).resources.get('w1-1.0')?.state).toBe('kept')
})
