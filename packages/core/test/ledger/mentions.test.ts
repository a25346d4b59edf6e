import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { mentions } from '../../src/ledger/mentions.ts'

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-mentions-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const line = (...keys: readonly unknown[]) => `${JSON.stringify({ e: 'created', set: 'w-4', keys })}\n`

test.for([
  [['42'], [42], true],
  [['42'], ['42'], true],
  [['42'], [1420, 'a42', '42b'], false],
  [['4'], ['w', { n: 4 }], false],
  [['4'], [[7, 4]], true],
  [['a.txt'], ['/tmp/a.txt'], true],
  [['a@b'], ['a@b'], true],
  [['a"b\\c\n'], ['a"b\\c\n'], true],
  [['ä'], ['ä left'], true],
  [['7', '9'], [[7, 9]], true],
  [['7', '8'], [[7, 9]], false],
  [['w-4'], [1], true],
] as const)('mentions() of %j among the keys %j: %j', ([texts, keys, expected]) => {
  expect(mentions(folderWith({ 'w.jsonl': line(...keys) }), texts)).toBe(expected)
})

test('mentions() searches compacted journals, and no other files', () => {
  expect(mentions(folderWith({ 'w.jsonl.gz': gzipSync(line(42)) }), ['42'])).toBe(true)
  expect(mentions(folderWith({ 'w.jsonl.gz': gzipSync(line(43)), 'report.json': '42' }), ['42'])).toBe(false)
  expect(mentions(folderWith({ 'w.jsonl.gz': 'damaged' }), ['42'])).toBe(true)
})

test('mentions() finds text across the chunks of a large journal', () => {
  const piece = 8_000_000
  for (const before of [piece - 3, piece - 1, piece, 2 * piece - 2])
    expect(mentions(folderWith({ 'w.jsonl': `${' '.repeat(before)}"needle"\n` }), ['needle'])).toBe(true)
  expect(mentions(folderWith({ 'w.jsonl': `"need${' '.repeat(piece)}le"` }), ['needle'])).toBe(false)
})
