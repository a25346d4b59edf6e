import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig } from '../../src/config/check.ts'
import { configFunctions } from '../../src/config/functions.ts'
import { defaultSettings, loadSettings } from '../../src/config/load.ts'
import { scratchFolder } from '../settings.ts'

/** A project with these files. */
function project(files: Record<string, string>): string {
  const root = scratchFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

const config = `{ cleanup: { strategy: 'manual' }, drivers: [{ use: 'http', name: 'api', options: { origins: ['http://localhost:1'] } }] }`
const json =
  '{ "cleanup": { "strategy": "manual" }, "drivers": [{ "use": "http", "name": "api", "options": { "origins": ["http://localhost:1"] } }] }'
const yaml =
  'cleanup: { strategy: manual }\ndrivers:\n  - { use: http, name: api, options: { origins: ["http://localhost:1"] } }\n'

test.each([
  ['dustpan.config.ts', `const config: object = ${config}\nexport default config\n`],
  ['dustpan.config.mts', `export default ${config} satisfies object\n`],
  ['dustpan.config.js', `module.exports = ${config}\n`],
  ['dustpan.config.mjs', `export default ${config}\n`],
  ['dustpan.config.cjs', `module.exports = ${config}\n`],
  ['dustpan.config.json', json],
  ['dustpan.config.yaml', yaml],
  ['dustpan.config.yml', yaml],
  ['package.json', `{ "name": "p", "dustpan": ${json} }`],
])('%s is found from a subfolder, with the same settings', async (name, text) => {
  const root = project({ [name]: text, 'a/b/empty.txt': '' })
  const settings = await loadSettings(join(root, 'a', 'b'), {})
  expect(settings).toMatchObject({ root, file: join(root, name), dir: join(root, '.dustpan') })
  expect(settings.cleanup.strategy).toBe('manual')
  expect(settings.drivers[0]).toEqual({ use: 'http', name: 'api', options: { origins: ['http://localhost:1'] } })
})

test('a package.json without a dustpan key is ignored', async () => {
  const root = project({ 'dustpan.config.json': json, 'a/package.json': '{}', 'b/package.json': '{ "dustpan": null }' })
  for (const folder of ['a', 'b'])
    expect((await loadSettings(join(root, folder), {})).file).toBe(join(root, 'dustpan.config.json'))
})

test.each([
  ['dustpan.config.ts', `export const config = ${config}`],
  ['dustpan.config.mjs', `export const config = ${config}`],
  ['dustpan.config.mjs', 'export default undefined'],
  ['dustpan.config.cjs', ''],
  ['dustpan.config.json', 'null'],
  ['dustpan.config.yaml', ''],
  ['dustpan.config.yml', '# environment: staging\n'],
])('an empty %s is DUSTPAN_CONFIG_UNREADABLE even with a configuration above it: %j', async (name, text) => {
  const above = project({ 'dustpan.config.json': json, [`a/${name}`]: text })
  const alone = project({ [name]: text })
  for (const folder of [join(above, 'a'), alone])
    await expect(loadSettings(folder, {})).rejects.toMatchObject({
      code: 'DUSTPAN_CONFIG_UNREADABLE',
      message: expect.stringContaining(join(folder, name)),
      hint: expect.stringContaining(/js|ts/.test(name.slice(-2)) ? 'export default' : 'environment'),
    })
})

test('two configurations in a folder are DUSTPAN_CONFIG_UNREADABLE, unless one is the compiled other', async () => {
  const two = project({ 'dustpan.config.yaml': yaml, 'dustpan.config.json': json })
  await expect(loadSettings(two, {})).rejects.toMatchObject({
    code: 'DUSTPAN_CONFIG_UNREADABLE',
    message: expect.stringContaining('dustpan.config.json and dustpan.config.yaml'),
  })
  const manifest = project({
    'package.json': `{ "dustpan": ${json} }`,
    'dustpan.config.mjs': `export default ${config}`,
  })
  await expect(loadSettings(manifest, {})).rejects.toMatchObject({
    message: expect.stringContaining('package.json and dustpan.config.mjs'),
  })
  const compiled = project({
    'dustpan.config.mts': `export default ${config} satisfies object`,
    'dustpan.config.mjs': `export default ${config}`,
  })
  expect((await loadSettings(compiled, {})).file).toBe(join(compiled, 'dustpan.config.mts'))
})

test.each([
  ['dustpan.config.json', '{ "cleanup": ', 'must be JSON'],
  ['dustpan.config.yaml', 'cleanup: [unclosed', 'must be YAML'],
  ['dustpan.config.mjs', 'throw new Error("no database today")', 'must export the configuration'],
  ['dustpan.config.mjs', 'import "@dustpan/none/x"', 'Install it: npm install --save-dev @dustpan/none'],
  ['dustpan.config.cjs', 'require("not-installed")', 'Install it: npm install --save-dev not-installed'],
  ['dustpan.config.mjs', 'import "./secrets.mjs"', 'must export the configuration'],
])('the hint for a broken %s fits its format', async (name, text, hint) => {
  await expect(loadSettings(project({ [name]: text }), {})).rejects.toMatchObject({
    hint: expect.stringContaining(hint),
  })
})

test('defaults apply without a file, with the start folder as root', async () => {
  const root = project({})
  const settings = await loadSettings(root, {})
  expect(settings.root).toBe(root)
  expect(settings).not.toHaveProperty('file')
})

test.each([
  ['dustpan.config.json', '{ "cleanup": '],
  ['dustpan.config.yaml', 'cleanup: [unclosed'],
  ['dustpan.config.ts', 'export default {'],
  ['dustpan.config.mjs', 'throw new Error("no database today")'],
  ['dustpan.config.cjs', 'require("not-installed-anywhere")'],
])('%s that cannot be read or run is DUSTPAN_CONFIG_UNREADABLE with its path', async (name, text) => {
  const root = project({ [name]: text })
  await expect(loadSettings(root, {})).rejects.toMatchObject({
    code: 'DUSTPAN_CONFIG_UNREADABLE',
    message: expect.stringContaining(join(root, name)),
  })
})

test.each([
  ['dustpan.config.ts', 'export default {\n  lifetime: 1\n  file: 2\n}\n', 3],
  ['dustpan.config.mjs', 'const given = undefined\n\nexport default { drivers: given.drivers }\n', 3],
])('an error in %s is reported with its line', async (name, text, line) => {
  const root = project({ [name]: text })
  await expect(loadSettings(root, {})).rejects.toMatchObject({
    message: expect.stringContaining(`${join(root, name)}:${line} could not be read: `),
  })
})

test.each(['dustpan.config.ts', 'dustpan.config.js'])(
  '%s in ES module syntax is read as one in a CommonJS package',
  async (name) => {
    const text = "import { sep } from 'node:path'\nexport default { environment: sep ? 'test' : 'local' }\n"
    const root = project({ 'package.json': '{ "type": "commonjs" }', [name]: text })
    expect(await loadSettings(root, {})).toMatchObject({ environment: 'test' })
    expect(configFunctions(join(root, name)).config()).toEqual({ environment: 'test' })
  },
)

test('a wrong option in a file is DUSTPAN_CONFIG_INVALID with the path of the file', async () => {
  const root = project({ 'dustpan.config.yaml': 'lifetime: forever\n' })
  await expect(loadSettings(root, {})).rejects.toMatchObject({
    code: 'DUSTPAN_CONFIG_INVALID',
    message: expect.stringContaining(join(root, 'dustpan.config.yaml')),
  })
})

test('env() in package.json yields the variable or its default', async () => {
  const url = '"options": { "url": { "env": "DB", "default": "none" } }'
  const root = project({ 'package.json': `{ "dustpan": { "drivers": [{ "use": "pg", "name": "a", ${url} }] } }` })
  expect((await loadSettings(root, { DB: 'postgres://x' })).drivers[0]?.options).toEqual({ url: 'postgres://x' })
  expect((await loadSettings(root, {})).drivers[0]?.options).toEqual({ url: 'none' })
})

test('a module that a runner has transpiled to CommonJS is read', async () => {
  const folder = scratchFolder()
  const wrapped = `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { environment: 'staging' }`
  writeFileSync(join(folder, 'dustpan.config.cjs'), wrapped)
  expect(await loadSettings(folder, {})).toMatchObject({ environmentName: 'staging' })
})

test('default settings equal those of an empty configuration', () => {
  const root = scratchFolder()
  expect(defaultSettings(root, {})).toEqual(checkConfig({}, { root, environment: {} }))
})

test.each([
  'dustpan.config.cts',
  'dustpan.config.toml',
  'dustpan.config.jsonc',
  'dustpan.config.json5',
  '.dustpanrc',
  '.dustpanrc.json',
  '.dustpanrc.yaml',
])('the unsupported file %s is DUSTPAN_CONFIG_UNREADABLE instead of ignored', async (name) => {
  const unreadable = { code: 'DUSTPAN_CONFIG_UNREADABLE', message: expect.stringContaining(name) }
  const root = project({ [name]: 'environment: production', 'a/b/empty.txt': '' })
  await expect(loadSettings(join(root, 'a', 'b'), {})).rejects.toMatchObject(unreadable)
  const beside = project({ [name]: 'environment: production', 'dustpan.config.json': json })
  await expect(loadSettings(beside, {})).rejects.toMatchObject(unreadable)
})

test('the nearest configuration applies, even below an unsupported file', async () => {
  const root = project({ '.dustpanrc': 'x', 'a/dustpan.config.json': json })
  expect((await loadSettings(join(root, 'a'), {})).cleanup.strategy).toBe('manual')
})

test('a YAML error is reported on one line with line and column', async () => {
  const root = project({ 'dustpan.config.yaml': 'environment: test\ncleanup: [unclosed\n' })
  const error = await loadSettings(root, {}).catch((thrown) => thrown)
  expect(error.message).toMatch(/\(\d+:\d+\)$/)
  expect(error.message).not.toContain('\n')
})
