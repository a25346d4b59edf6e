import { expect, test } from 'vitest'
import { readShell } from '../../snippets/shell.ts'

const block = (text: string) => ({ file: 'README.md', line: 1, language: 'sh', attributes: {}, text })

test('npm installs and npm scripts are only checked, and other commands are run', () => {
  const text = '$ npm install -D @dustpan/vitest-plugin \\\n  vitest@5\nnpm test\nnpm run check\ndustpan list\n'
  expect(readShell(block(text))).toEqual({
    script: 'dustpan list\n',
    checked: ['npm install -D @dustpan/vitest-plugin vitest@5', 'npm test', 'npm run check'],
  })
})

test('an unknown package or npm script is an error', () => {
  expect(() => readShell(block('npm install @dustpan/none@1'))).toThrow(
    'README.md:1: no package of the workspace is, or uses, @dustpan/none',
  )
  expect(() => readShell(block('npm run none'))).toThrow('there is no npm script none')
})
