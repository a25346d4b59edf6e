import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { listRuns, readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { createdLine, writerLine } from '../ledger/writers.ts'
import { scratchFolder } from '../settings.ts'

const module = (name: string): string => join(import.meta.dirname, name)
const fileOf = (dir: string, writer = 'w1'): string => join(dir, 'runs', 'r1', `${writer}.jsonl`)
const modeOf = (file: string): number => statSync(file).mode & 0o777

test('no file is created without a record', () => {
  const dir = join(scratchFolder(), '.dustpan')
  const journal = openJournal(dir, writerLine('w1'))
  expect(journal.used).toBe(false)
  journal.close()
  expect(existsSync(dir)).toBe(false)
})

test.each(['worker', 'main', 'cli', 'reaper'] as const)(
  'an `alive` line is scheduled for workers and main processes only: %s',
  (role) => {
    const timers = vi.spyOn(clock, 'setTimeout')
    const dir = join(scratchFolder(), '.dustpan')
    const journal = openJournal(dir, { ...writerLine('w1'), role })
    expect(timers).not.toHaveBeenCalled()
    journal.append(createdLine('a'))
    const isOfRun = role === 'worker' || role === 'main'
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual(isOfRun ? [180_000] : [])
    for (const [say] of timers.mock.calls.slice(0, 1)) (say as () => void)()
    const [content] = readRun(dir, 'r1')
    expect(content?.events.map(({ e }) => e)).toEqual(['writer', 'created', ...(isOfRun ? ['alive'] : [])])
    expect(content?.torn).toEqual([])
    journal.close()
    vi.restoreAllMocks()
  },
)

test('records are written even if the timer is a plain number', () => {
  vi.spyOn(clock, 'setTimeout').mockReturnValue(7 as never)
  const dir = join(scratchFolder(), '.dustpan')
  const journal = openJournal(dir, writerLine('w1'))
  journal.append(createdLine('a'))
  journal.append(createdLine('b'))
  journal.close()
  vi.restoreAllMocks()
  expect(readRun(dir, 'r1')[0]?.events.map(({ e }) => e)).toEqual(['writer', 'created', 'created'])
})

test('the first record follows a writer line, and each record is on disk when append() returns', () => {
  const dir = join(scratchFolder(), '.dustpan')
  const journal = openJournal(dir, writerLine('w1'))
  journal.append(createdLine('a'))
  expect(readFileSync(fileOf(dir), 'utf8').split('\n')).toHaveLength(3)
  journal.append({ e: 'run.ended', reason: 'passed' })
  const lines = readFileSync(fileOf(dir), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ v, n, e }) => [v, n, e])).toEqual([
    [1, 0, 'writer'],
    [1, 1, 'created'],
    [1, 2, 'run.ended'],
  ])
  expect(journal.used).toBe(true)
})

test('journal and folders are private to their owner and ignored by git', () => {
  const dir = join(scratchFolder(), '.dustpan')
  openJournal(dir, writerLine('w1')).append(createdLine('a'))
  expect(modeOf(fileOf(dir))).toBe(0o600)
  for (const folder of [dir, join(dir, 'runs'), join(dir, 'runs', 'r1')]) expect(modeOf(folder)).toBe(0o700)
  expect(readFileSync(join(dir, '.gitignore'), 'utf8')).toBe('*\n')
})

test('a record after close() is written without a second writer line', () => {
  const dir = scratchFolder()
  const journal = openJournal(dir, writerLine('w1'))
  journal.append(createdLine('a'))
  journal.close()
  journal.append(createdLine('b'))
  const [content] = readRun(dir, 'r1')
  expect(content?.events.map(({ e, n }) => [e, n])).toEqual([
    ['writer', 0],
    ['created', 1],
    ['created', 2],
  ])
})

test('a record after a torn line begins on its own line', () => {
  const dir = scratchFolder()
  openJournal(dir, writerLine('w1')).append(createdLine('a'))
  appendFileSync(fileOf(dir), '{"v":1,"n":2,"t":3,"e":"crea')
  openJournal(dir, writerLine('w1')).append(createdLine('b'))
  const [content] = readRun(dir, 'r1')
  expect(content?.torn).toEqual([3])
  expect(content?.events.map(({ e }) => e)).toEqual(['writer', 'created', 'writer', 'created'])
})

test('a file in place of the folder is DUSTPAN_LEDGER_UNWRITABLE with the path', () => {
  const dir = join(scratchFolder(), 'file')
  writeFileSync(dir, '')
  expect(() => openJournal(dir, writerLine('w1')).append(createdLine('a'))).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE', message: expect.stringContaining(fileOf(dir)) }),
  )
})

test.runIf(process.platform === 'linux')('a full disk is DUSTPAN_LEDGER_UNWRITABLE on every append', () => {
  const dir = scratchFolder()
  mkdirSync(join(dir, 'runs', 'r1'), { recursive: true })
  symlinkSync('/dev/full', fileOf(dir))
  const journal = openJournal(dir, writerLine('w1'))
  for (let i = 0; i < 2; i++) {
    expect(() => journal.append(createdLine('a'))).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE', message: expect.stringContaining('ENOSPC') }),
    )
  }
  expect(journal.used).toBe(false)
})

test('no record of 64 concurrent writers is lost', async () => {
  const dir = scratchFolder()
  const writers = Array.from({ length: 64 }, (_, i) => `w${i}`)
  const threads = writers.map(
    (writer) => new Worker(module('append-many.ts'), { workerData: { dir, writer, count: 50 } }),
  )
  await Promise.all(threads.map((thread) => once(thread, 'exit')))
  const run = foldRun('r1', readRun(dir, 'r1'))
  expect(run.resources.size).toBe(64 * 50)
  expect(run.writers).toHaveLength(64)
  expect(run.warnings).toEqual([])
})

test('no acknowledged record is lost by kill -9', async () => {
  const dir = scratchFolder()
  const acknowledged: string[] = []
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, [module('append-forever.ts'), dir, `w${round}`])
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > round * 400) child.kill('SIGKILL')
    })
    await once(child, 'close')
    acknowledged.push(...output.split('\n').slice(0, -1))
  }
  const { resources } = foldRun('r1', readRun(dir, 'r1'))
  expect(acknowledged.length).toBeGreaterThan(8)
  expect(acknowledged.filter((set) => !resources.has(`${set}.0`))).toEqual([])
  expect(listRuns(dir).map(({ id }) => id)).toEqual(['r1'])
})
