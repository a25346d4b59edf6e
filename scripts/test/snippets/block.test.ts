import { expect, test } from 'vitest'
import { readBlocks } from '../../snippets/block.ts'

test('reads language, attributes, line and text of each fence', () => {
  const markdown = [
    '# Title',
    '',
    '```ts title="a b.ts" test',
    'one()',
    '```',
    '',
    '  ~~~sh',
    '  two',
    '    three',
    '  ~~~',
  ].join('\n')
  expect(readBlocks('a.md', markdown)).toEqual([
    { file: 'a.md', line: 3, language: 'ts', attributes: { title: 'a b.ts', test: true }, text: 'one()\n' },
    { file: 'a.md', line: 7, language: 'sh', attributes: {}, text: 'two\n  three\n' },
  ])
})

test('a longer fence can contain a shorter one', () => {
  expect(readBlocks('a.md', '````md\n```ts\n1\n```\n````\n').map(({ language }) => language)).toEqual(['md'])
})

test('an unknown attribute, and no-run without a reason, are refused', () => {
  expect(() => readBlocks('a.md', '```ts norun\n```\n')).toThrow('a.md:1: the fence says norun, which means nothing')
  expect(() => readBlocks('a.md', '\n```ts no-run\n```\n')).toThrow('a.md:2: no-run needs a reason="…"')
})
