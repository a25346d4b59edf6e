import { expect, test } from 'vitest'
import { readShell } from '../../snippets/shell.ts'

const block = (text: string) => ({ file: 'README.md', line: 1, language: 'sh', attributes: {}, text })

test('installs and npm scripts are checked, everything else is run', () => {
  const text = '$ npm install -D @dustpan/vitest-plugin \\\n  vitest@5\nnpm test\nnpm run check\ndustpan list\n'
  expect(readShell(block(text))).toEqual({
    script: 'dustpan list\n',
    checked: ['npm install -D @dustpan/vitest-plugin vitest@5', 'npm test', 'npm run check'],
  })
})

test('a package or script that does not exist is an error', () => {
  expect(() => readShell(block('npm install @dustpan/none@1'))).toThrow(
    'README.md:1: no package of the workspace is, or uses, @dustpan/none',
  )
  expect(() => readShell(block('npm run none'))).toThrow('there is no npm script none')
})
