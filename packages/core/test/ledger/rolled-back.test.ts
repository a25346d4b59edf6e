import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { rolledBackAmong } from '../../src/ledger/rolled-back.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { announcedTx } from '../../src/resource/resource.ts'
import { createdLine, journal, writerLine } from './writers.ts'

const tx = announcedTx('w1-2')
const committing: EventBody = { e: 'tx.committing', tx }

/** No process has this id. */
const dead = { ...writerLine('w1'), ...thisProcess(), pid: 2 ** 30, pidStart: '1' }
const living = { ...writerLine('w1'), ...thisProcess() }
const elsewhere = { ...dead, host: 'another' }

test.each<[string, EventBody, string, readonly EventBody[], number]>([
  ['is not committing is rolled back when its process is dead', dead, tx, [], 1],
  ['was about to be committed may exist', dead, tx, [committing], 0],
  ['was committed exists', dead, tx, [committing, { e: 'tx.settled', tx, as: 'committed' }], 0],
  ['ended as unknown may exist', dead, tx, [{ e: 'tx.settled', tx, as: 'unknown' }], 0],
  ['belongs to a driver that does not announce commits may exist', dead, 'w1-2', [], 0],
  ['belongs to a live process may exist', living, tx, [], 0],
  ['belongs to a process on another machine may exist', elsewhere, tx, [], 0],
])('a resource in a transaction that %s', (_, writer, id, events, count) => {
  const run = foldRun('r1', [journal('w1', [writer, createdLine('w1-3', [1], id), createdLine('w1-4'), ...events])])
  expect(rolledBackAmong(run.resources.values(), run)).toHaveLength(count)
})
