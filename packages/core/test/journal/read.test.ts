import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listRuns, readJournal, readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { createdLine } from '../ledger/writers.ts'
import { scratchFolder } from '../settings.ts'

const line = (n: number, body: object): string => JSON.stringify({ v: 1, n, t: n, ...body })

function fileWith(...lines: (string | Buffer)[]): string {
  const folder = join(scratchFolder(), 'runs', 'r1')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'w.jsonl')
  writeFileSync(file, Buffer.concat(lines.flatMap((text) => [Buffer.from(text as string), Buffer.from('\n')])))
  return file
}

const good = line(1, createdLine('a'))

test.each<[string, string | Buffer]>([
  ['cut off', good.slice(0, 40)],
  ['two records on one line', good + good],
  ['not JSON', 'hello'],
  ['binary', Buffer.from([0, 255, 254, 10, 123])],
  ['a number', '7'],
  ['null', 'null'],
  ['an array', '[]'],
  ['of another version', line(1, { ...createdLine('b'), v: 2 })],
  ['without a position', JSON.stringify({ v: 1, t: 1, ...createdLine('b') })],
  ['without a time', JSON.stringify({ v: 1, n: 1, ...createdLine('b') })],
  ['without an event name', line(1, { set: 'b' })],
  ['a creation without keys', line(1, { ...createdLine('b'), keys: undefined })],
  ['a creation without a store', line(1, { ...createdLine('b'), store: null })],
  ['a creation with invalid steps', line(1, { ...createdLine('b'), steps: {} })],
  ['a removal without ids', line(1, { e: 'removal.begun', batch: 'b' })],
  ['a warning without a message', line(1, { e: 'warning', code: 'X' })],
  ['an event with invalid ids', line(1, { e: 'gone', ids: 'all' })],
])('a line that is %s is skipped and reported with DUSTPAN_LEDGER_TORN, at any position', (_, bad) => {
  for (const lines of [
    [bad, good, line(2, createdLine('c'))],
    [good, bad, line(2, createdLine('c'))],
    [good, line(2, createdLine('c')), bad],
  ]) {
    const content = readJournal(fileWith(...lines))
    expect(content.torn.length).toBeGreaterThanOrEqual(1)
    const run = foldRun('r1', [content])
    expect([...run.resources.keys()]).toEqual(['a.0', 'c.0'])
    expect(run.warnings).toEqual([
      { code: 'DUSTPAN_LEDGER_TORN', message: expect.stringMatching(/^\d line\(s\) of .*w\.jsonl could not be read/) },
    ])
  }
})

test.each(['something.new', 'constructor', '__proto__', 'toString'])(
  'an event of the unknown kind %s is ignored',
  (e) => {
    const content = readJournal(fileWith(good, `{"v":1,"n":2,"t":2,"e":${JSON.stringify(e)}}`))
    expect(content.torn).toEqual([])
    expect(foldRun('r1', [content]).resources.size).toBe(1)
  },
)

test('empty lines are ignored', () => {
  expect(readJournal(fileWith('', good, '', ''))).toMatchObject({ torn: [], events: [{ e: 'created' }] })
})

test('a missing run is DUSTPAN_UNKNOWN_RUN, and a missing ledger has no runs', () => {
  const dir = join(scratchFolder(), 'none')
  expect(() => readRun(dir, 'r9')).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_UNKNOWN_RUN', message: expect.stringContaining('"r9"') }),
  )
  expect(listRuns(dir)).toEqual([])
})

test('a file in place of the ledger’s folder is DUSTPAN_LEDGER_UNWRITABLE', () => {
  const dir = join(scratchFolder(), 'file')
  writeFileSync(dir, '')
  for (const read of [() => listRuns(dir), () => readRun(dir, 'r1')])
    expect(read).toThrow(expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE' }))
})

test('runs are listed newest first, and only journals are read', () => {
  const dir = scratchFolder()
  for (const run of ['20261121-051207-aaaaaa', '20261121-061207-bbbbbb']) {
    mkdirSync(join(dir, 'runs', run), { recursive: true })
    writeFileSync(join(dir, 'runs', run, 'w.jsonl'), `${good}\n`)
    writeFileSync(join(dir, 'runs', run, 'report.json'), '{}')
  }
  expect(listRuns(dir).map(({ id }) => id)).toEqual(['20261121-061207-bbbbbb', '20261121-051207-aaaaaa'])
  expect(readRun(dir, '20261121-051207-aaaaaa')).toHaveLength(1)
})
