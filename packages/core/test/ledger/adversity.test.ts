import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { listRuns, readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { isGoingOn } from '../../src/ledger/liveness.ts'
import { outlineOf } from '../../src/ledger/outline.ts'
import fc from '../fast-check.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine, journal, writerLine } from './writers.ts'

const fileOf = (dir: string, writer = 'w1'): string => join(dir, 'runs', 'r1', `${writer}.jsonl`)
const foldIn = (dir: string): FoldedRun => foldRun('r1', readRun(dir, 'r1'))

/** Writes a journal with every kind of line. */
function smallJournal(): { readonly dir: string; readonly bytes: Buffer } {
  const dir = scratchFolder()
  const lines = openJournal(dir, writerLine('w1'))
  const events: readonly EventBody[] = [
    { e: 'scope.opened', scope: 's', kind: 'test', path: ['Größe ✓ 🛒'], attempt: 0 },
    createdLine('a', [1, 'zwölf']),
    createdLine('b'),
    { e: 'removal.begun', batch: 'x', ids: ['a.0', 'a.1'] },
    { e: 'removal.ended', batch: 'x', durationMs: 1, outcomes: [], others: { state: 'removed' } },
    { e: 'run.ended', reason: 'passed' },
  ]
  for (const event of events) lines.append(event)
  lines.close()
  return { dir, bytes: readFileSync(fileOf(dir)) }
}

test('a journal cut off at any byte keeps its whole lines and those after the cut, and warns of the torn one', () => {
  const { dir, bytes } = smallJournal()
  const later = `\n${JSON.stringify({ v: 1, n: 99, t: 99, ...createdLine('later') })}\n`
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length)
    const whole = cut.toString('latin1').split('\n').length - 1
    writeFileSync(fileOf(dir), Buffer.concat([cut, Buffer.from(later)]))
    const [content] = readRun(dir, 'r1')
    const isWhole = length === 0 || bytes[length] === 10 || bytes[length - 1] === 10
    const read = whole + (bytes[length] === 10 ? 1 : 0)
    expect([length, content?.events.length, content?.torn.length]).toEqual([length, read + 1, isWhole ? 0 : 1])
    expect(foldIn(dir).resources.has('later.0')).toBe(true)
    expect(foldIn(dir).warnings).toHaveLength(isWhole ? 0 : 1)
  }
})

const garbage = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('created', 'removal.ended', 'writer', 'kept')
    .chain((e) =>
      fc
        .dictionary(
          fc.constantFrom('scope', 'ids', 'keys', 'set', 'batch', 'outcomes', 'writer', 'metadata'),
          fc.jsonValue(),
        )
        .map((body) => Buffer.from(JSON.stringify({ v: 1, n: 1.5, t: 1, e, ...body }))),
    ),
)

/** Lists with members of a wrong type. */
const invalidEvents = [
  { e: 'removal.ended', batch: 'b', outcomes: [false] },
  { e: 'removal.ended', batch: 'b', outcomes: [['a.0', null]] },
  { e: 'restore.ended', batch: 'b', failed: [7] },
  { e: 'restore.ended', batch: 'b', there: 7 },
  { e: 'followed', told: [null] },
].map((event) => Buffer.from(JSON.stringify({ v: 1, n: 1.5, t: 1, ...event })))

test('garbage between lines makes no reader throw, and every valid line counts', () => {
  const { dir, bytes } = smallJournal()
  const lines = bytes.toString().trimEnd().split('\n')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: lines.length }), garbage), { minLength: 1, maxLength: 6 }),
      (between) => {
        const pieces = [...lines, ''].flatMap((line, i) => [
          ...between.filter(([at]) => at === i).flatMap(([, bad]) => [bad, Buffer.from('\n')]),
          Buffer.from(`${line}\n`),
        ])
        writeFileSync(fileOf(dir), Buffer.concat(pieces))
        const run = foldIn(dir)
        isGoingOn(run)
        expect([...run.resources.keys()]).toEqual(expect.arrayContaining(['a.0', 'a.1', 'b.0']))
        expect(run.scopes.has('s')).toBe(true)
        expect(outlineOf(dir, 'r1').latestAt).toBe(run.latestAt)
      },
    ),
    { numRuns: 300, examples: invalidEvents.map((event) => [[[0, event]]]) },
  )
})

test('a changed byte makes no reader throw, and a lost line is reported', () => {
  const { dir, bytes } = smallJournal()
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
      const changed = Buffer.from(bytes)
      changed[at] = byte
      writeFileSync(fileOf(dir), changed)
      const [content] = readRun(dir, 'r1')
      const lines = changed
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '').length
      expect((content?.events.length ?? 0) + (content?.torn.length ?? 0)).toBe(lines)
      expect(foldIn(dir).warnings).toHaveLength(content?.torn.length === 0 ? 0 : 1)
    }),
    { numRuns: 500 },
  )
})

test('a full disk loses no acknowledged record, and appending works again once there is room', ({ skip }) => {
  const dir = scratchFolder()
  mount(dir, skip, 'size=16k,nr_inodes=20')
  const lines = openJournal(dir, writerLine('w1'))
  const acknowledged: string[] = []
  const refused = () => {
    for (let i = acknowledged.length; ; i++) {
      lines.append(createdLine(`x${i}`))
      acknowledged.push(`x${i}`)
    }
  }
  expect(refused).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE', message: expect.stringContaining('ENOSPC') }),
  )
  expect(acknowledged.length).toBeGreaterThan(10)
  const full = foldIn(dir)
  expect(acknowledged.filter((set) => !full.resources.has(`${set}.0`))).toEqual([])
  expect(outlineOf(dir, 'r1').states).toEqual({ live: acknowledged.length })

  execFileSync('mount', ['-o', 'remount,size=64k', dir])
  lines.append(createdLine('after'))
  lines.close()
  const { resources, warnings } = foldIn(dir)
  expect(resources.has('after.0')).toBe(true)
  expect(acknowledged.filter((set) => !resources.has(`${set}.0`))).toEqual([])
  expect(warnings.length).toBeLessThanOrEqual(1)
})

test('a read-only folder can be read, and appending throws DUSTPAN_LEDGER_UNWRITABLE', ({ skip }) => {
  const dir = scratchFolder()
  mount(dir, skip, 'size=1m')
  const lines = openJournal(dir, writerLine('w1'))
  lines.append(createdLine('a'))
  lines.append({ e: 'run.ended', reason: 'passed' })
  lines.close()
  execFileSync('mount', ['-o', 'remount,ro', dir])
  expect(() => openJournal(dir, writerLine('w2')).append(createdLine('b'))).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE', message: expect.stringContaining('EROFS') }),
  )
  expect(outlineOf(dir, 'r1')).toMatchObject({ states: { live: 1 }, ended: 'passed' })
  expect(listRuns(dir).map(({ id }) => id)).toEqual(['r1'])
})

/** Mounts a real file system that can be full or read-only even for root. */
function mount(dir: string, skip: (why: string) => void, options: string): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'pipe' })
  } catch (error) {
    skip(`this process may not mount a file system: ${String(error).split('\n')[0]}`)
  }
  onTestFinished(() => void execFileSync('umount', ['-l', dir]))
}

const hour = 3_600_000
const jump = fc.integer({ min: -12 * hour, max: 12 * hour })

test('jumping clocks lose nothing and do not undo a removal', () => {
  const creating: readonly EventBody[] = [writerLine('w1'), createdLine('a', [1, 2]), createdLine('b')]
  const removing: readonly EventBody[] = [
    writerLine('w2'),
    { e: 'removal.begun', batch: 'x', ids: ['a.0', 'a.1'] },
    { e: 'removal.ended', batch: 'x', durationMs: 1, outcomes: [], others: { state: 'removed' } },
    { e: 'run.ended', reason: 'failed' },
  ]
  const times = fc.array(jump, { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(times, times, (one, other) => {
      const now = Date.now()
      const at = (jumps: readonly number[]) => jumps.map((by) => now + by)
      const run = foldRun('r1', [journal('one', creating, at(one)), journal('other', removing, at(other))])
      const states = [...run.resources.values()].map(({ id, state }) => [id, state])
      expect(states).toEqual([
        ['a.0', 'removed'],
        ['a.1', 'removed'],
        ['b.0', 'live'],
      ])
      expect(run).toMatchObject({ ended: 'failed', warnings: [] })
      expect(run.writers).toHaveLength(2)
    }),
  )
})

test('64 processes append to one run while it is read: nothing is lost or torn, and no reader throws', async () => {
  const dir = scratchFolder()
  const count = 25
  const children = Array.from({ length: 64 }, (_, i) =>
    fork(join(import.meta.dirname, 'append-in-process.ts'), [dir, `w${i}`, String(count)]),
  )
  const ends = children.map((child) => once(child, 'exit'))
  let over = false
  const all = Promise.all(ends).then((codes) => {
    over = true
    return codes
  })
  let known = 0
  while (!over) {
    if (listRuns(dir).length > 0 && hasJournal(dir)) {
      const { size } = foldIn(dir).resources
      expect(size).toBeGreaterThanOrEqual(known)
      known = size
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await all).map(([code]) => code)).toEqual(children.map(() => 0))
  const run = foldIn(dir)
  expect(run.resources.size).toBe(64 * count)
  expect(run.writers).toHaveLength(64)
  expect(run.warnings).toEqual([])
})

function hasJournal(dir: string): boolean {
  try {
    readRun(dir, 'r1')
    return true
  } catch {
    return false
  }
}
