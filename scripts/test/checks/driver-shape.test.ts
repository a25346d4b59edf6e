import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings } from '../../checks/driver-shape.ts'

const template = join(import.meta.dirname, '../../create-driver/template')
const driver = 'packages/drivers/new-store'

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'dustpan-shape-'))
  await cp(template, copy, { recursive: true })
})
afterAll(() => rm(copy, { recursive: true }))

test('the template of create-driver has no findings', () => {
  expect(findings(template, driver)).toEqual([])
})

test('missing files, an overlong file and missing exports are reported', async () => {
  await rm(join(copy, driver, 'src/capabilities.ts'))
  await rm(join(copy, 'packages/conformance'), { recursive: true })
  await writeFile(join(copy, driver, 'src/driver.ts'), '\n'.repeat(121))
  await writeFile(join(copy, driver, 'src/index.ts'), `export { createDriver } from './capture.ts'\n`)
  expect(findings(copy, driver)).toEqual([
    'packages/drivers/new-store/src/capabilities.ts is missing: every driver has one',
    'packages/conformance/test/drivers/new-store.test.ts is missing: every driver answers to the conformance suite',
    'packages/drivers/new-store/src/driver.ts has 121 lines; more than 120 belong into files of their own',
    'packages/drivers/new-store/src/index.ts does not export capture',
    'packages/drivers/new-store/src/index.ts does not export newStore',
  ])
})
