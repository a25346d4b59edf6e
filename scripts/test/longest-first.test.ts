import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestSpecification } from 'vitest/node'
import { LongestFirst, long } from '../longest-first.ts'
import { root } from '../workspace.ts'

test('every file in the list of long test files exists', () => {
  expect(long.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test('long test files are sorted first, in the order of the list', async () => {
  const project = { name: '', config: { sequence: { groupOrder: 0 }, isolate: true } }
  const files = ['scripts/test/demo.test.ts', 'vitest.config.ts', 'scripts/test/snippets.test.ts']
  const specifications = files.map((file) => ({ moduleId: join(root, file), project }) as unknown as TestSpecification)
  const cache = { getTestSpecificationResult: () => undefined }
  const sorted = await new LongestFirst({ cache } as never).sort(specifications)
  expect(sorted.map(({ moduleId }) => moduleId)).toEqual(
    [files[2], files[0], files[1]].map((file) => join(root, file as string)),
  )
})
