import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { configFunctions } from '../../src/config/functions.ts'
import { scratchFolder } from '../settings.ts'

const text = `export default {
  cleaners: { stripe: () => 'cleaned' },
  drivers: [{ use: 'http', name: 'api', options: { auth: () => ({ authorization: 'Bearer x' }) } }],
}\n`

function configFile(name: string, content: string): string {
  const file = join(scratchFolder(), name)
  writeFileSync(file, content)
  return file
}

test.each(['dustpan.config.ts', 'dustpan.config.mts', 'dustpan.config.mjs', 'dustpan.config.js'])(
  'cleaners and option functions are loaded from %s',
  (name) => {
    const functions = configFunctions(configFile(name, text))
    expect(functions.cleaner('stripe')?.({ ids: [], type: 'x', signal: AbortSignal.abort() })).toBe('cleaned')
    expect((functions.driverOption('api', 'auth') as () => unknown)()).toEqual({ authorization: 'Bearer x' })
    expect(functions.cleaner('other')).toBeUndefined()
    expect(functions.driverOption('other', 'auth')).toBeUndefined()
  },
)

test('a TypeScript configuration is loaded despite a transpiler hook that takes it for CommonJS', () => {
  const file = configFile('dustpan.config.ts', text)
  const asCommonJs = { format: 'commonjs', source: text, shortCircuit: true }
  const transpiler = registerHooks({
    load: (url, context, nextLoad) => (url.endsWith('dustpan.config.ts') ? asCommonJs : nextLoad(url, context)),
  })
  onTestFinished(() => transpiler.deregister())
  expect(configFunctions(file).cleaner('stripe')).toBeTypeOf('function')
})

test('a CommonJS configuration is loaded', () => {
  const file = configFile('dustpan.config.cjs', 'module.exports = { cleaners: { stripe: () => 1 } }')
  expect(configFunctions(file).cleaner('stripe')).toBeTypeOf('function')
})

test('a name that every object has is not a cleaner', () => {
  expect(configFunctions(undefined).cleaner('constructor')).toBeUndefined()
})

test('a YAML configuration has no functions and is not loaded', () => {
  expect(configFunctions('/nowhere/dustpan.config.yaml').cleaner('stripe')).toBeUndefined()
})

test('the configuration is loaded once, when a function is first needed', () => {
  const file = configFile(
    'dustpan.config.cjs',
    'globalThis.timesRun = (globalThis.timesRun ?? 0) + 1; module.exports = {}',
  )
  const functions = configFunctions(file)
  expect(Reflect.get(globalThis, 'timesRun')).toBeUndefined()
  functions.cleaner('a')
  functions.cleaner('b')
  expect(Reflect.get(globalThis, 'timesRun')).toBe(1)
  Reflect.deleteProperty(globalThis, 'timesRun')
})

test('a configuration with top-level await is DUSTPAN_CONFIG_UNREADABLE', () => {
  const file = configFile('dustpan.config.mjs', 'await null\nexport default {}\n')
  expect(() => configFunctions(file).cleaner('stripe')).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_CONFIG_UNREADABLE', hint: expect.stringContaining('top-level await') }),
  )
})
