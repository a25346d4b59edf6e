import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { scope, track } from '../../src/tracking/facade.ts'
import { row, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

interface Padding {
  // Erased types: they shift lines and columns unless stacks are mapped.
  readonly a: string
}

const lineOf = (source: string | undefined): string | undefined => source?.split('/').at(-1)

/** Returns the line of its call. */
const here = (): number => Number(/source-line\.test\.ts:(\d+)/.exec(String(new Error().stack?.split('\n')[2]))?.[1])

const lineAfter = (_: unknown, line: number): number => line

test('the source line is that of the call to track() in the TypeScript file', async () => {
  const { openTest, store } = await testRun()
  const padding: Padding = { a: 'user' }
  openTest('t').run(() => {
    const lines: (number | undefined)[] = []
    for (const id of [1, 2]) {
      lines.push(lineAfter(track(row(store, padding.a, id)), here()))
    }
    lines.push(lineAfter(track(row(store, 'user', 3)), here()))
    expect(
      scope()
        .created()
        .map(({ source }) => lineOf(source)),
    ).toEqual(lines.map((line) => `source-line.test.ts:${line}`))
    expect(lines[0]).toBe(lines[1])
    expect(lines[2]).not.toBe(lines[0])
  })
})

test('a source line in the root is relative to it, and absolute outside', async () => {
  const { openTest, store, root } = await testRun()
  const inside = join(root, 'with space (1).mjs')
  const outside = join(scratchFolder(), 'outside.mjs')
  for (const file of [inside, outside]) writeFileSync(file, '\nexport const call = (track, input) =>\n  track(input)\n')
  const modules = await Promise.all(
    [inside, outside].map((file) => import(/* @vite-ignore */ pathToFileURL(file).href)),
  )
  openTest('t').run(() => {
    for (const [i, { call }] of modules.entries()) call(track, row(store, 'user', i))
    expect(
      scope()
        .created()
        .map(({ source }) => source),
    ).toEqual(['with space (1).mjs:3', `${outside}:3`])
  })
})

test('a call from deep in a dependency has the line that called the dependency', async () => {
  const { openTest, store, root } = await testRun()
  const folder = join(root, 'node_modules', 'fixtures')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.mjs'), 'export const deep = (n, fn) => (n === 0 ? fn() : deep(n - 1, fn))\n')
  const { deep } = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.mjs')).href)
  openTest('t').run(() => {
    const call = track.bind(undefined, row(store, 'user', 1))
    deep(20, call)
    expect(lineOf(scope().created()[0]?.source)).toBe(`source-line.test.ts:${here() - 1}`)
  })
})

const dependency = `export const save = (fn) => fn()
//# sourceMappingURL=index.mjs.map
`
/** Names the source file without node_modules, as the package's authors have it. */
const dependencyMap = `{"version":3,"sources":["../../src/driver/Runner.ts"],"names":[],"mappings":"AAiRA"}`

test.each(['by Node', 'by a function', 'not at all'])(
  'a dependency is not taken for the user when stacks are mapped %s',
  (how) => {
    const root = scratchFolder()
    const folder = join(root, 'node_modules', 'orm')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.mjs'), dependency)
    writeFileSync(join(folder, 'index.mjs.map'), dependencyMap)
    const sources = new URL('../../src/tracking/source-line.ts', import.meta.url).href
    const byFunction = `Error.prepareStackTrace = (error, sites) => [error, ...sites].join('\\n    at ').replaceAll(/file:.*node_modules.orm/g, 'src/orm')`
    const script = `import { lineLater, sourceLine } from '${sources}'
import { save } from './node_modules/orm/index.mjs'
${how === 'by a function' ? byFunction : how === 'not at all' ? 'Error.prepareStackTrace = undefined' : ''}
function entry() {
  return [sourceLine(import.meta.dirname, undefined, entry), lineLater(import.meta.dirname, undefined, entry)()]
}
const lines = save(entry)
console.log(JSON.stringify(lines))
`
    writeFileSync(join(root, 'a.mjs'), script)
    const args = [...(how === 'by Node' ? ['--enable-source-maps'] : []), 'a.mjs']
    const printed = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect(JSON.parse(printed)).toEqual(['a.mjs:7', 'a.mjs:7'])
  },
)

test('stack trace settings are restored', async () => {
  const { openTest, store } = await testRun()
  const before = [Error.stackTraceLimit, Error.prepareStackTrace]
  openTest('t').run(() => track(row(store, 'user', 1)))
  expect([Error.stackTraceLimit, Error.prepareStackTrace]).toEqual(before)
})

test('sourceLines: false records no source line', async () => {
  const { openTest, store } = await testRun({ sourceLines: false })
  openTest('t').run(() => {
    track(row(store, 'user', 1))
    expect(scope().created()[0]).not.toHaveProperty('source')
  })
})
