import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fenceRules } from '../../checks/fences.ts'
import { root, workspacePackages } from '../../workspace.ts'

/** A copy of the configuration and manifests only: Biome reads import specifiers and does not resolve them. */
let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'dustpan-fences-'))
  const manifests = workspacePackages().map(({ folder }) => join(folder, 'package.json'))
  for (const file of ['biome.json', 'biome.fences.json', 'scripts/fences', ...manifests]) {
    await cp(join(root, file), join(copy, file), { recursive: true })
  }
})
afterAll(() => rm(copy, { recursive: true }))

/** The findings of the fence rules for a file with this source; empty when it is allowed. */
async function findings(file: string, source: string): Promise<string> {
  await mkdir(dirname(join(copy, file)), { recursive: true })
  await writeFile(join(copy, file), source)
  const args = ['lint', '--vcs-enabled=false', '--reporter=github', file]
  const { stdout } = await execa('biome', args, { cwd: copy, reject: false })
  return stdout
    .split('\n')
    .filter((line) =>
      fenceRules.some((rule) => line.includes(`title=${rule},`) || line.includes(`title=lint/${rule},`)),
    )
    .map((line) => line.replace(/^::.*?::/, ''))
    .join('\n')
}

/** Maps each room to the rooms it may import. */
const rooms = roomsOf(readFileSync(join(root, 'docs', 'architecture.md'), 'utf8'))

function roomsOf(architecture: string): Readonly<Record<string, readonly string[]>> {
  const [, table = ''] = /\n## Rooms\n(.*?)\n## /s.exec(architecture) ?? []
  const rows = [...table.matchAll(/^\| `([\w-]+)\/` +\| (.*?) +\|/gm)]
  return Object.fromEntries(rows.map(([, room, others = '']) => [room, others.match(/[\w-]+(?=\/)/g) ?? []]))
}

test('the table in docs/architecture.md lists every room of core', () => {
  expect(Object.keys(rooms).sort()).toEqual(
    readdirSync(join(root, 'packages/core/src'))
      .filter((name) => !name.includes('.'))
      .sort(),
  )
})

test.for(Object.entries(rooms))(
  'the room %s may import only the rooms that the table lists',
  async ([room, allowed]) => {
    const imports = Object.keys(rooms)
      .filter((other) => other !== room)
      .map((other) => `import '../${other}/x.ts'`)
    const found = await findings(`packages/core/src/${room}/a.ts`, `import './b.ts'\n${imports.join('\n')}\n`)
    const refused = imports.length - allowed.length
    expect(found.split('\n').filter((line) => line.startsWith(`The room ${room}/`))).toHaveLength(refused)
  },
)

test.for([
  ['an entry file', `import { track } from '../index.ts'`],
  ['a path with a detour', `import '../errors/../cleanup/x.ts'`],
  ['a type by import()', `export type T = import('../cleanup/x.ts').T`],
  ['a dynamic import', `await import('../cleanup/x.ts')`],
  ['a re-export', `export { x } from '../cleanup/x.ts'`],
  ['another package of Dustpan', `import '@dustpan/cli'`],
  ['its own package by name', `import '@dustpan/core'`],
  ['a database library', `import pg from 'pg'`],
  ['a database of Node', `import { DatabaseSync } from 'node:sqlite'`],
  ['a runner', `import { test } from 'vitest'`],
  ["Node's runner", `import { test } from 'node:test'`],
  ['another package by path', `import '../../../cli/src/index.ts'`],
])('a room of core may not import %s', async ([, source]) => {
  expect(await findings('packages/core/src/tracking/a.ts', `${source}\n`)).not.toBe('')
})

test('a room without a fence, and a folder inside a room, may import nothing', async () => {
  expect(await findings('packages/core/src/utils/a.ts', `import './b.ts'\n`)).toContain('biome.fences.json')
  expect(await findings('packages/core/src/cleanup/deep/a.ts', `import './b.ts'\n`)).toContain('biome.fences.json')
})

test('an entry file of core may import rooms, but no other entry file', async () => {
  expect(await findings('packages/core/src/index.ts', `export { track } from './tracking/track.ts'\n`)).toBe('')
  expect(await findings('packages/core/src/index.ts', `export { driver } from './driver.ts'\n`)).toContain('entry file')
})

test.for(['drivers/postgres', 'drivers/sqlite', 'vitest-plugin', 'cli'])(
  'packages/%s may import only core, by its name, and its own files',
  async (folder) => {
    const file = `packages/${folder}/src/a.ts`
    expect(await findings(file, `import '@dustpan/core'\nimport '@dustpan/core/driver'\nimport './b.ts'\n`)).toBe('')
    expect(await findings(file, `import '@dustpan/other'\n`)).toContain('may import @dustpan/core only')
    expect(await findings(file, `import '../../core/src/index.ts'\n`)).toContain('by its name')
    expect(await findings(file, `import 'axios'\n`)).toContain('package.json')
  },
)

test('a test may import its own package by path, and other packages only by name', async () => {
  const file = 'packages/core/test/http/a.test.ts'
  expect(await findings(file, `import '../../src/http/x.ts'\nimport 'pg'\nimport '@dustpan/sqlite'\n`)).toBe('')
  expect(await findings(file, `import '../../../drivers/sqlite/src/index.ts'\n`)).toContain('by its name')
})
