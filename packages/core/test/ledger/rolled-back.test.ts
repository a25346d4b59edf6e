import { expect, test } from 'vitest'
import type { EventBody } from '../../src/ledger/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { thisProcess } from '../../src/ledger/process-identity.ts'
import { rolledBackAmong } from '../../src/ledger/rolled-back.ts'
import { announcedTx } from '../../src/resource/resource.ts'
import { createdLine, journal, writerLine } from './writers.ts'

const tx = announcedTx('w1-2')
const committing: EventBody = { e: 'tx.committing', tx }

/** No process has this number. */
const dead = { ...writerLine('w1'), ...thisProcess(), pid: 2 ** 30, pidStart: '1' }
const living = { ...writerLine('w1'), ...thisProcess() }
const elsewhere = { ...dead, host: 'another' }

test.each<[string, EventBody, string, readonly EventBody[], number]>([
  ['nobody had begun to commit it, and its process is dead', dead, tx, [], 1],
  ['it was about to be committed', dead, tx, [committing], 0],
  ['it was committed', dead, tx, [committing, { e: 'tx.settled', tx, as: 'committed' }], 0],
  ['nobody knows what came of it', dead, tx, [{ e: 'tx.settled', tx, as: 'unknown' }], 0],
  ['its driver announces no commit', dead, 'w1-2', [], 0],
  ['its process lives', living, tx, [], 0],
  ['its process is on another machine', elsewhere, tx, [], 0],
])('what was made in a transaction: %s', (_, writer, id, events, count) => {
  const run = foldRun('r1', [journal('w1', [writer, createdLine('w1-3', [1], id), createdLine('w1-4'), ...events])])
  expect(rolledBackAmong(run.resources.values(), run)).toHaveLength(count)
})
