import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadLibrary, ofSupported } from '../../src/instrument/client-library.ts'
import { scratchFolder } from '../settings.ts'

/** A project with an installed library. */
function projectWith(name: string, version: string, source = `module.exports = '${version}'`): string {
  const root = scratchFolder()
  const folder = join(root, 'node_modules', name, 'lib')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.js'), source)
  writeFileSync(join(folder, '..', 'package.json'), JSON.stringify({ name, version, exports: './lib/index.js' }))
  return root
}

const nowhere = new URL('file:///nowhere/index.js')

test.each([
  ['8.11.0', '^8.11'],
  ['8.23.1', '^8.11'],
  ['12.0.0', '>=11'],
  ['3.0.0-beta.1', '^2.2 || ^3'],
  ['2.2.4', '^2.2.4 || ^3'],
])('version %s satisfies %s', (version, range) => {
  expect(loadLibrary({ name: 'odd-db', range }, projectWith('odd-db', version), nowhere)).toBe(version)
})

test.each([
  ['8.10.9', '^8.11'],
  ['9.0.0', '^8.11'],
  ['10.9.9', '>=11'],
  ['4.0.0', '^2.2 || ^3'],
])('DUSTPAN_DRIVER_UNAVAILABLE: version %s does not satisfy %s, with an install command', (version, range) => {
  const root = projectWith('odd-db', version)
  expect(() => loadLibrary({ name: 'odd-db', range }, root, nowhere)).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_DRIVER_UNAVAILABLE',
      message: expect.stringContaining(`The package odd-db is version ${version}, but ${range} is supported`),
      hint: expect.stringMatching(/^Install it with `npm install --save-dev odd-db@/),
    }),
  )
})

test('the project’s own copy is preferred to the one beside the driver', () => {
  const [project, driver] = [projectWith('odd-db', '1.1.0'), projectWith('odd-db', '1.2.0')]
  const beside = join(driver, 'index.js')
  expect(loadLibrary({ name: 'odd-db', range: '^1' }, project, beside)).toBe('1.1.0')
  expect(loadLibrary({ name: 'odd-db', range: '^1' }, scratchFolder(), beside)).toBe('1.2.0')
})

test('a library that throws while loading is reported with its error', () => {
  const root = projectWith('odd-db', '1.0.0', `throw new Error('wrong processor')`)
  expect(() => loadLibrary({ name: 'odd-db', range: '>=1' }, root, nowhere)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('wrong processor'),
      hint: 'Install it with `npm install --save-dev odd-db@">=1"`',
    }),
  )
})

test('a missing library is reported with the project’s folder', () => {
  const root = scratchFolder()
  expect(() => loadLibrary({ name: 'odd-db', range: '^1' }, root, nowhere)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(`The package odd-db could not be loaded from ${root}`),
      hint: 'Install it with `npm install --save-dev odd-db@^1`',
    }),
  )
})

test.each([
  ['8.11.0', ['installed'], []],
  ['8.10.9', [], ['odd-db: What tests create through it is not tracked. The package odd-db is version 8.10.9']],
])('for version %s an instrument does %j and warns %j', (version, installs, warnings) => {
  const seen: string[] = []
  const warned: string[] = []
  const sink = { warn: (_code: string, subject: string, message: string) => warned.push(`${subject}: ${message}`) }
  const install = () => {
    seen.push('installed')
    return { [Symbol.dispose]: () => void seen.push('gone') }
  }
  const instrument = { module: 'odd-db', accepts: () => true, install }
  const root = projectWith('odd-db', version)
  ofSupported({ name: 'odd-db', range: '^8.11' }, instrument, root)
    .install({}, sink as never)
    [Symbol.dispose]()
  expect(seen).toEqual(installs.flatMap((one) => [one, 'gone']))
  expect(warned.map((text) => text.split(', but ')[0])).toEqual(warnings)
})
