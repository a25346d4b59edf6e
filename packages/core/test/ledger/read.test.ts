import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/ledger/fold.ts'
import { listRuns, readJournal, readRun } from '../../src/ledger/read.ts'
import { scratchFolder } from '../settings.ts'
import { createdLine } from './writers.ts'

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
  ['two on one line', good + good],
  ['no JSON', 'hello'],
  ['binary', Buffer.from([0, 255, 254, 10, 123])],
  ['a number', '7'],
  ['null', 'null'],
  ['an array', '[]'],
  ['another version', line(1, { ...createdLine('b'), v: 2 })],
  ['without a position', JSON.stringify({ v: 1, t: 1, ...createdLine('b') })],
  ['without a time', JSON.stringify({ v: 1, n: 1, ...createdLine('b') })],
  ['without a kind', line(1, { set: 'b' })],
  ['a creation without keys', line(1, { ...createdLine('b'), keys: undefined })],
  ['a creation without a store', line(1, { ...createdLine('b'), store: null })],
  ['a creation whose steps are none', line(1, { ...createdLine('b'), steps: {} })],
  ['a removal without ids', line(1, { e: 'removal.begun', batch: 'b' })],
  ['a warning without a text', line(1, { e: 'warning', code: 'X' })],
  ['ids that are none', line(1, { e: 'gone', ids: 'all' })],
])('a line that is %s is left out and counted, wherever it stands; the rest is read', (_, bad) => {
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
  'an event of the unknown kind %s is passed by',
  (e) => {
    const content = readJournal(fileWith(good, `{"v":1,"n":2,"t":2,"e":${JSON.stringify(e)}}`))
    expect(content.torn).toEqual([])
    expect(foldRun('r1', [content]).resources.size).toBe(1)
  },
)

test('an empty line is nothing', () => {
  expect(readJournal(fileWith('', good, '', ''))).toMatchObject({ torn: [], events: [{ e: 'created' }] })
})

test('a run that is not there is DUSTPAN_UNKNOWN_RUN; a ledger that is not there has no runs', () => {
  const dir = join(scratchFolder(), 'none')
  expect(() => readRun(dir, 'r9')).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_UNKNOWN_RUN', message: expect.stringContaining('"r9"') }),
  )
  expect(listRuns(dir)).toEqual([])
})

test('only a missing folder means empty: a file in its place is an error', () => {
  const dir = join(scratchFolder(), 'file')
  writeFileSync(dir, '')
  for (const read of [() => listRuns(dir), () => readRun(dir, 'r1')])
    expect(read).toThrow(expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE' }))
})

test('the newest run comes first, and what is beside the journals is not read', () => {
  const dir = scratchFolder()
  for (const run of ['20261121-051207-aaaaaa', '20261121-061207-bbbbbb']) {
    mkdirSync(join(dir, 'runs', run), { recursive: true })
    writeFileSync(join(dir, 'runs', run, 'w.jsonl'), `${good}\n`)
    writeFileSync(join(dir, 'runs', run, 'report.json'), '{}')
  }
  expect(listRuns(dir).map(({ id }) => id)).toEqual(['20261121-061207-bbbbbb', '20261121-051207-aaaaaa'])
  expect(readRun(dir, '20261121-051207-aaaaaa')).toHaveLength(1)
})
