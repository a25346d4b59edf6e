/** Creates a driver from the template in a scratch copy of the files it needs. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings } from '../checks/driver-shape.ts'
import { createDriver } from '../create-driver/create-driver.ts'
import { root } from '../workspace.ts'

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'dustpan-create-driver-'))
  const copied = [
    ...['package.json', 'tsconfig.base.json', 'biome.json', 'biome.fences.json'],
    ...['scripts/fences', 'scripts/checks/tarball-sizes.ts'],
    ...['packages/conformance/src', 'packages/conformance/package.json', 'packages/conformance/test/drivers/index.ts'],
  ]
  for (const part of copied) await cp(join(root, part), join(copy, part), { recursive: true })
  for (const linked of ['node_modules', 'packages/core'])
    await symlink(join(root, linked), join(copy, linked)).catch(() => {})
  await symlink(join(root, 'packages/conformance/node_modules'), join(copy, 'packages/conformance/node_modules'))
  expect(await createDriver('dust-db', copy)).toBeUndefined()
  const modules = join(copy, 'packages/drivers/dust-db/node_modules/@dustpan')
  await mkdir(modules, { recursive: true })
  await symlink(join(root, 'packages/core'), join(modules, 'core'))
})
afterAll(() => rm(copy, { recursive: true }))

test('a created driver has the shape of a driver, and no name of the template is left in it', async () => {
  expect(findings(copy, 'packages/drivers/dust-db')).toEqual([])
  const made = ['packages/drivers/dust-db', 'packages/conformance/test/drivers']
  const args = ['-rliE', 'new.?store', ...made, '--exclude-dir=node_modules']
  const { stdout } = await execa('grep', args, { cwd: copy, reject: false })
  expect(stdout).toBe('')
})

test('a created driver compiles with its tests and its conformance subject', async () => {
  const config = { extends: './tsconfig.base.json', compilerOptions: { noEmit: true } }
  const include = [
    'packages/drivers/dust-db/src',
    'packages/drivers/dust-db/test',
    'packages/conformance/test/drivers/dust-db*',
  ]
  await writeFile(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, include }))
  const { stdout } = await execa('tsc', ['-p', copy], { reject: false })
  expect(stdout).toBe('')
})

test('a created driver passes format, lint and fences', async () => {
  const args = [
    'check',
    '--vcs-enabled=false',
    'packages/drivers/dust-db/src',
    'packages/drivers/dust-db/test',
    'packages/conformance/test/drivers/dust-db.ts',
  ]
  const { exitCode, stdout, stderr } = await execa('biome', args, { cwd: copy, reject: false })
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
})

test('a created driver is registered in the conformance suite, package.json and the tarball sizes', async () => {
  const registered = ['packages/conformance/test/drivers/index.ts', 'package.json', 'scripts/checks/tarball-sizes.ts']
  for (const file of registered) expect(await readFile(join(copy, file), 'utf8')).toMatch(/dust-?db/i)
  await execa('biome', ['lint', '--vcs-enabled=false', ...registered], { cwd: copy })
})

test('every conformance case of a created driver fails with "To be written"', async () => {
  const script = `
    import { driverCases, outcomeOf } from '@dustpan/conformance/drivers'
    import { dustDb } from './test/drivers/dust-db.ts'
    const server = await dustDb.start()
    const outcomes = await Promise.all(driverCases.map((one) => outcomeOf(one, dustDb, server)))
    console.log(JSON.stringify(outcomes.map(({ is, error }) => is + ': ' + error?.message)))`
  const cwd = join(copy, 'packages/conformance')
  const { stdout } = await execa(process.execPath, ['--input-type=module-typescript', '-e', script], { cwd })
  const outcomes = JSON.parse(stdout) as string[]
  expect(outcomes.length).toBeGreaterThan(40)
  expect(outcomes.filter((outcome) => !outcome.startsWith('failed: To be written: '))).toEqual([])
})

test.each(['', 'Dust', 'dust_db', '../x', 'dust-db'])('the driver name %j is refused', async (name) => {
  expect(await createDriver(name, copy)).toMatch(/is no name for a driver|is there already/)
})
