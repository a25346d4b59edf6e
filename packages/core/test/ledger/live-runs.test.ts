import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openJournal } from '../../src/journal/journal.ts'
import { liveRuns, overSince } from '../../src/ledger/live-runs.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine, writerLine } from './writers.ts'

function begin(dir: string, run: string, isOver: boolean): void {
  const journal = openJournal(dir, { ...writerLine(`w${run}`, run), ...thisProcess() })
  journal.append(createdLine('a'))
  if (isOver) journal.append({ e: 'run.ended', reason: 'passed' })
  journal.close()
}

const ledgerWith = (...runs: readonly string[]): string => {
  const dir = scratchFolder()
  for (const run of runs) mkdirSync(join(dir, 'runs', run), { recursive: true })
  return dir
}

test('overSince() returns runs that have ended and were active since', () => {
  const dir = ledgerWith()
  begin(dir, 'over', true)
  begin(dir, 'live', false)
  expect(overSince(dir, liveRuns(dir), Date.now() - 60_000)).toEqual(['over'])
  expect(overSince(dir, liveRuns(dir), Date.now() + 60_000)).toEqual([])
})

test('overSince() does not return a run without a record', () => {
  const dir = ledgerWith('folder', 'file')
  writeFileSync(join(dir, 'runs', 'file', 'w1.jsonl'), '')
  expect(overSince(dir, liveRuns(dir), Date.now() - 60_000)).toEqual([])
})

test('overSince() does not return a run that began after the live runs were listed', () => {
  const dir = ledgerWith()
  const live = liveRuns(dir)
  begin(dir, 'new', false)
  expect(overSince(dir, live, Date.now() - 60_000)).toEqual([])
})
