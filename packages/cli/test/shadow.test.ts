import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeWhere, track } from '@dustpan/core'
import { isGoingOn, loadSettings, readRecordedRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { dustpan, spawnDustpan } from './dustpan.ts'
import { openProject, type Project } from './project.ts'

beforeEach(() => {
  for (const name of ['GITHUB_OUTPUT', 'TEST_ID', 'DUSTPAN_RECORD', 'DUSTPAN_ENVIRONMENT']) vi.stubEnv(name, '')
})

/** A shop with two tagged items. It records every request that changes something. */
async function startShop() {
  const users = new Set<number>()
  const items = new Set([1, 2])
  const changes: string[] = []
  const answer = ({ method = '', url = '' }: IncomingMessage): readonly [number, unknown] => {
    if (method !== 'GET') changes.push(`${method} ${url}`)
    if (url.startsWith('/items')) {
      const found = [...items]
      if (method !== 'GET') items.clear()
      return [200, { items: found, deleted: found.length }]
    }
    if (method === 'DELETE') return [users.delete(Number(url.split('/').at(-1))) ? 204 : 404, undefined]
    const id = changes.length
    if (method === 'POST') users.add(id)
    return [method === 'POST' ? 201 : 200, { id }]
  }
  const server = createServer((request, response) => {
    const [status, body] = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { users, items, changes, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

type Shop = Awaited<ReturnType<typeof startShop>>

interface World {
  readonly shop: Shop
  readonly project: Project
  configure(config: object): void
}

async function world(): Promise<World> {
  const shop = await startShop()
  const tag = { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.items', deleted: 'body.deleted' }
  const options = { origins: [shop.origin], byPredicate: { items: { tag } } }
  const drivers = [{ use: 'http', name: 'http', options }]
  const project = openProject()
  onTestFinished(() => project[Symbol.dispose]())
  const program = `await (await fetch('${shop.origin}/users', { method: 'POST' })).json()`
  writeFileSync(join(project.folder, 'program.mjs'), program)
  writeFileSync(join(project.folder, 'test-data.mjs'), `export default async () => { ${program} }`)
  const configure = (config: object) =>
    project.configure({ cleanup: { strategy: 'immediate' }, drivers, prepare: './test-data.mjs', ...config })
  configure({})
  return { shop, project, configure }
}

const killedRun = fileURLToPath(new URL('killed-run.ts', import.meta.url))

/** Kills a run that has created a file, and returns its id. */
async function kill({ folder }: Project, reaper: '0' | '1'): Promise<string> {
  const child = execa(process.execPath, [killedRun, folder], { reject: false, env: { DUSTPAN_REAPER: reaper } })
  const [id] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await child
  return String(id).trim()
}

const isLeft = ({ folder }: Project): boolean => existsSync(join(folder, 'left.txt'))

const prepareBuild = ({ folder }: Project) => dustpan(folder, ['ci', 'prepare', '--build', '77'])

/** Set-up of an act, before the project is configured. */
const earlier: Readonly<Record<string, (project: Project) => Promise<unknown>>> = {
  clean: prepareBuild,
  orphans: (project) => kill(project, '0'),
}

/** Each act returns whether it has created or removed something. */
const acts: Readonly<Record<string, (world: World) => Promise<boolean>>> = {
  async 'run cleanup'({ shop, project }) {
    const { exitCode, stderr } = await spawnDustpan(project.folder, ['exec', '--', process.execPath, 'program.mjs'])
    expect([exitCode, shop.changes[0]], stderr).toEqual([0, 'POST /users'])
    return shop.changes.length > 1
  },
  async prepare({ shop, project }) {
    const { code, out, err } = await prepareBuild(project)
    expect([code, out], err).toEqual([0, expect.stringMatching(/^TEST_ID=.*\nTEST_BUILD_ID=77\n/)])
    return shop.changes.length > 0
  },
  async clean({ shop, project }) {
    const { code, out, err } = await dustpan(project.folder, ['ci', 'clean', '--build', '77'])
    expect([code, out], err).toEqual([0, expect.stringContaining('uild 77')])
    return shop.changes.length > 1
  },
  async bulk({ shop, project }) {
    const { out, err } = await dustpan(project.folder, ['bulk', '--tag', '--yes'])
    expect(out, err).toContain('items')
    return shop.items.size === 0
  },
  async orphans({ project }) {
    const { code, err } = await dustpan(project.folder, ['orphans', '--yes'])
    expect(code, err).toBe(0)
    return !isLeft(project)
  },
  async reaper({ project }) {
    const id = await kill(project, '1')
    const settings = await loadSettings(project.folder)
    for (;;) {
      const { folded } = await readRecordedRun(settings, id)
      const done = [...folded.resources.values()].every(({ state }) => state !== 'live')
      if (done && !isGoingOn(folded)) return !isLeft(project)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  },
}

const all = { 'run cleanup': true, prepare: true, clean: true, bulk: true, orphans: true, reaper: true }
const none = Object.fromEntries(Object.keys(all).map((act) => [act, false]))

test.each<[name: string, config: object, does: object]>([
  ['local', {}, all],
  ['test', { environment: 'test' }, all],
  ['staging', { environment: 'staging' }, all],
  ['production', { environment: 'production' }, none],
  ['an unknown name', { environment: 'prodution' }, none],
  ['local, in shadow', { shadow: true }, none],
  ['staging, in shadow', { environment: 'staging', shadow: true }, none],
])('which commands create or remove in the environment: %s', async (_name, config, does) => {
  const seen: Record<string, boolean> = {}
  for (const [name, act] of Object.entries(acts)) {
    const one = await world()
    await earlier[name]?.(one.project)
    one.configure(config)
    seen[name] = await act(one)
  }
  expect(seen).toEqual(does)
})

test('in shadow mode the report shows what would have been removed as kept', async () => {
  const { project, configure } = await world()
  configure({ environment: 'production' })
  const { stderr } = await spawnDustpan(project.folder, ['exec', '--', process.execPath, 'program.mjs'])
  expect(stderr).toContain('shadow mode  1 tracked · 0 removed · 1 kept')
  expect(stderr).toContain('shadow mode: would have been removed')
  const { out } = await dustpan(project.folder, ['report', '--format', 'json'])
  const report = JSON.parse(out)
  expect(report).toMatchObject({ run: { shadow: true, environment: 'production' }, totals: { kept: 1 } })
  expect(report.scopes[0].resources).toMatchObject([{ state: 'kept', why: 'shadow' }])
})

test('DUSTPAN_SHADOW=1 enables shadow mode, 0 leaves refusal to the profile, others are an error', async () => {
  const { shop, project, configure } = await world()
  const exec = (shadow: string) =>
    spawnDustpan(project.folder, ['exec', '--', process.execPath, 'program.mjs'], { env: { DUSTPAN_SHADOW: shadow } })
  expect((await exec('1')).stderr).toContain('1 kept')
  configure({ environment: 'production' })
  const { stderr } = await exec('0')
  expect(stderr).toContain('DUSTPAN_PROFILE_REFUSED')
  expect(shop.changes.filter((change) => change.startsWith('DELETE'))).toEqual([])
  expect((await exec('yes')).stderr).toContain('DUSTPAN_SHADOW is "yes"; expected 1 or 0.')
})

test('in shadow mode a host that is not allowed is refused with exit code 3', async () => {
  const { project, configure } = await world()
  configure({
    shadow: true,
    drivers: [{ use: 'http', name: 'http', options: { origins: ['http://prod-db.localhost:9'] } }],
  })
  const run = await project.run({
    fails: {
      verdict: 'failed',
      create: () => track({ type: 'user', id: 7, remove: 'DELETE http://prod-db.localhost:9/users/{id}' }),
    },
  })
  const { code, err } = await dustpan(project.folder, ['clean', run, '--yes'])
  expect([code, err]).toEqual([3, expect.stringContaining('DUSTPAN_HOST_REFUSED')])
})

test('in shadow mode orphans, clean, bulk and removeWhere explain that nothing is removed', async () => {
  const { shop, project, configure } = await world()
  await kill(project, '0')
  configure({ environment: 'prodution' })
  const orphans = await dustpan(project.folder, ['orphans', '--yes'])
  expect(orphans.err).toContain(
    'shadow mode, because the environment "prodution" is not a known name and counts as production',
  )
  configure({ shadow: true })
  const cleaned = await dustpan(project.folder, ['clean', '--yes'])
  expect([cleaned.code, cleaned.err]).toEqual([0, expect.stringContaining('shows what would be removed')])
  const found = await dustpan(project.folder, ['bulk', '--tag', '--yes', '--json'])
  expect(JSON.parse(found.out)).toMatchObject({ total: 2 })
  const outcome = await removeWhere({ tag: true, cwd: project.folder, confirm: () => true })
  expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'items', count: 2, code: 'DUSTPAN_SHADOW' }] })
  expect([shop.items.size, isLeft(project)]).toEqual([2, true])
})

test('in shadow mode restore is refused with DUSTPAN_SHADOW and exit code 3', async () => {
  const { project, configure } = await world()
  configure({ cleanup: { strategy: 'immediate', backup: true } })
  let path = ''
  const create = () => {
    path = project.file('a.txt')
    track({ type: 'file', id: path })
  }
  await project.run({ passes: { verdict: 'passed', create } })
  expect(existsSync(path)).toBe(false)
  configure({ shadow: true })
  const { code, err } = await dustpan(project.folder, ['restore', 'latest', '--yes'])
  expect([code, err, existsSync(path)]).toEqual([3, expect.stringContaining('DUSTPAN_SHADOW'), false])
})
