import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { track } from '@dustpan/core'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'
import { startService } from '../service.ts'

const program = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

/** Starts a run whose test creates a file, and returns its id. */
async function start({ folder }: Project) {
  const child = execa(process.execPath, [program, folder], { reject: false })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [id] = await once(child.stdout, 'data')
  return { child, id: String(id).trim() }
}

async function killed(project: Project): Promise<string> {
  const { child, id } = await start(project)
  child.kill('SIGKILL')
  await child
  return id
}

const immediate = { cleanup: { strategy: 'immediate' } }
const isLeft = ({ folder }: Project) => existsSync(join(folder, 'left.txt'))

test('orphans lists what a killed run left, and removes it after the answer yes', async () => {
  using project = openProject(immediate)
  const run = await killed(project)
  const no = await dustpan(project.folder, ['orphans'], { answer: 'n' })
  expect([no.code, no.questions, isLeft(project)]).toEqual([1, ['Clean up 1 resource? [y/N] '], true])
  expect(no.out).toMatch(
    new RegExp(
      `^RUN +LAST SEEN +RUNNER +LEFT +OVERDUE +RELEASED +TO KEEP +UNKNOWN +TYPES *\\n${run} .* 1 +0 +0 +0 +0 +file ×1`,
    ),
  )
  const yes = await dustpan(project.folder, ['orphans'], { answer: 'y' })
  expect([yes.code, isLeft(project)]).toEqual([0, false])
  expect(yes.out).toContain(`${run}  1 removed`)
  expect((await dustpan(project.folder, ['orphans'])).out).toBe('No orphans: every finished run has cleaned up.\n')
})

test('with the conditional strategy the resource of a killed run is kept, and is no orphan afterwards', async () => {
  using project = openProject()
  const run = await killed(project)
  const { code, out } = await dustpan(project.folder, ['orphans', '--yes'])
  expect([code, isLeft(project)]).toEqual([0, true])
  expect(out).toMatch(new RegExp(`${run} .* 0 +0 +0 +1 +0 +file ×1`))
  expect(out).toContain(`${run}  1 kept  npx dustpan list ${run}`)
  expect((await dustpan(project.folder, ['orphans'])).out).toContain('No orphans')
})

test('a resource whose removal was refused is no orphan afterwards, but is still reported', async () => {
  using project = openProject({ ...immediate, protect: { types: ['file'] } })
  await killed(project)
  expect((await dustpan(project.folder, ['orphans', '--yes'])).code).toBe(3)
  expect(isLeft(project)).toBe(true)
  const again = await dustpan(project.folder, ['orphans', '--yes'])
  expect([again.code, again.out]).toEqual([
    0,
    expect.stringMatching(/^No orphans\. Removal of 1 resource was refused: /),
  ])
  const { out } = await dustpan(project.folder, ['orphans', '--json'])
  expect(JSON.parse(out)).toEqual({ runs: [], refused: 1 })
})

test('a run in progress, and a run younger than --older-than, have no orphans', async () => {
  using project = openProject(immediate)
  const { child } = await start(project)
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  child.kill('SIGKILL')
  await child
  expect((await dustpan(project.folder, ['orphans', '--older-than', '1h', '--yes'])).out).toContain('No orphans')
  expect(isLeft(project)).toBe(true)
})

test.each(['7', '0', '24', '2026', 'yesterday'])('--older-than %s is refused', async (age) => {
  using project = openProject(immediate)
  const { code, err } = await dustpan(project.folder, ['orphans', '--older-than', age])
  expect([code, err]).toEqual([2, expect.stringContaining('Expected an age such as 24h or 7d, or a date')])
})

test('a run without records does not stop the cleanup of other runs', async () => {
  using project = openProject(immediate)
  const run = await killed(project)
  const folder = join(project.ledger, 'runs', '20990101-000000-aaaaaa')
  mkdirSync(folder)
  writeFileSync(join(folder, 'reaper.log'), 'it could not begin')
  const { code, out } = await dustpan(project.folder, ['orphans', '--yes'])
  expect([code, isLeft(project)]).toEqual([0, false])
  expect(out).toContain(`${run}  1 removed`)
})

test('a resource of an unreachable store is an orphan, and stays pending with exit code 1', async () => {
  using project = openProject({ ...immediate, drivers: [] })
  const remove = 'DELETE http://127.0.0.1:9/users/1'
  const run = await project.run({ away: { verdict: 'passed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { code, out } = await dustpan(project.folder, ['orphans', '--yes'])
  expect(code).toBe(1)
  expect(out).toContain(`${run}  1 pending: unreachable  npx dustpan list ${run}`)
  const listed = await dustpan(project.folder, ['list', run])
  expect(listed.out).toContain('DUSTPAN_STORE_UNREACHABLE')
})

test('a resource whose cleaner was killed after removing it is recorded as already gone', async () => {
  await using service = await startService()
  using project = openProject()
  service.things.add('/users').add('/users/1')
  const create = () => track({ type: 'user', id: 1, remove: `DELETE ${service.origin}/users/{id}` })
  const run = await project.run({ signs: { verdict: 'failed', create } }, { ended: 'failed' })
  service.mute = true
  await dustpan(project.folder, ['release', run, '--yes'])
  const cleaner = spawnDustpan(project.folder, ['orphans', '--yes'])
  await expect.poll(() => service.things.has('/users/1'), { timeout: 60_000 }).toBe(false)
  cleaner.kill('SIGKILL')
  await cleaner
  const { code, out } = await dustpan(project.folder, ['orphans', '--yes', '--json'])
  expect([code, JSON.parse(out).recovered]).toEqual([0, [{ run, states: { 'already-gone': 1 } }]])
  expect((await dustpan(project.folder, ['orphans'])).out).toContain('No orphans')
})

test('a create with an unknown outcome is reported with its source line, and does not fail the command', async () => {
  using project = openProject(immediate)
  const run = await killed(project)
  const folder = join(project.folder, '.dustpan', 'runs', run)
  const journal = readdirSync(folder).find((name) => name.endsWith('.jsonl')) as string
  const where = { scope: 's', store: { driver: 'http', id: 'http://localhost:1' }, type: 'users', source: 'a.ts:3' }
  const intent = { ...{ v: 1, n: 99, t: 0, e: 'create.intended', intent: 'x-1', via: 'POST /users', at: 0 }, ...where }
  appendFileSync(join(folder, journal), `${JSON.stringify(intent)}\n`)
  const { code, out } = await dustpan(project.folder, ['orphans', '--execute'])
  expect([code, isLeft(project)]).toEqual([0, false])
  expect(out).toContain(`${run}  1 removed, 1 unknown  npx dustpan list ${run}`)
  const listed = await dustpan(project.folder, ['list', run])
  expect(listed.out).toContain('? POST /users in http: started; outcome unknown, a.ts:3')
  expect(listed.out).toContain('`npx dustpan orphans` asks')
  const again = await dustpan(project.folder, ['orphans', '--execute', '--json'])
  expect(JSON.parse(again.out)).toMatchObject({ recovered: [{ run, states: {}, unresolvedIntents: 1 }] })
})

const keep = (project: Project, name: string, more: object = {}) => {
  const create = () => track({ type: 'file', id: project.file(name), ...more })
  return project.run({ uploads: { verdict: 'failed', create } }, { ended: 'failed' })
}

const there = ({ folder }: Project, ...names: readonly string[]) => names.map((name) => existsSync(join(folder, name)))

/** Runs the command with a clock that is two days ahead. */
async function inTwoDays({ folder }: Project, args: readonly string[]) {
  const clock = join(folder, 'clock.mjs')
  writeFileSync(clock, `const now = Date.now; Date.now = () => now() + ${2 * 86_400_000}`)
  const { exitCode, stdout } = await spawnDustpan(folder, args, { nodeOptions: ['--import', clock] })
  return [exitCode, stdout] as const
}

test('a kept resource is removed once its keep time is over, and one kept longer is no orphan', async () => {
  using project = openProject()
  const run = await keep(project, 'short.txt')
  project.configure({ cleanup: { strategy: 'conditional', keepFor: '3d' } })
  await keep(project, 'long.txt')
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  const [code, out] = await inTwoDays(project, ['orphans', '--yes'])
  expect([code, there(project, 'long.txt', 'short.txt')]).toEqual([0, [true, false]])
  expect(out).toMatch(new RegExp(`${run} .* 0 +1 +0 +0 +0 +file ×1`))
  expect(out).toContain(`${run}  1 removed`)
  expect((await inTwoDays(project, ['orphans']))[1]).toContain('No orphans')
})

test.for([{ strategy: 'manual' }, { strategy: 'conditional', autoCleanup: false }])(
  'with %j a kept resource never becomes overdue, and only clean removes it',
  async (cleanup) => {
    using project = openProject()
    project.configure({ cleanup })
    await keep(project, 'kept.txt')
    const dead = await killed(project)
    await dustpan(project.folder, ['orphans', '--yes'])
    expect((await inTwoDays(project, ['orphans', '--yes']))[1]).toContain('No orphans')
    expect([isLeft(project), ...there(project, 'kept.txt')]).toEqual([true, true])
    expect((await dustpan(project.folder, ['clean', dead, '--yes'])).code).toBe(0)
  },
)

test('a resource kept from a killed run is removed once its keep time is over', async () => {
  using project = openProject()
  const run = await killed(project)
  await dustpan(project.folder, ['orphans', '--yes'])
  expect((await inTwoDays(project, ['orphans', '--yes']))[1]).toContain(`${run}  1 removed`)
  expect(isLeft(project)).toBe(false)
})

test('a persistent resource is an orphan only after it expires', async () => {
  using project = openProject()
  const lasting = { lifetime: 'persistent' } as const
  await keep(project, 'long.txt', lasting)
  const run = await keep(project, 'short.txt', { ...lasting, expiresIn: '1d' })
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  expect((await inTwoDays(project, ['orphans', '--yes']))[1]).toContain(`${run}  1 removed`)
  expect(there(project, 'long.txt', 'short.txt')).toEqual([true, false])
})

test('an overdue resource is removed while its run is still in progress', async () => {
  using project = openProject({ cleanup: { strategy: 'conditional', maxAge: 1 } })
  const { id } = await start(project)
  const { code, out } = await dustpan(project.folder, ['orphans', '--yes'])
  expect([code, isLeft(project)]).toEqual([0, false])
  expect(out).toMatch(new RegExp(`${id} .* 0 +1 +0 +0 +0 +file ×1`))
})

test('an overdue resource stays as long as a resource that depends on it is kept', async () => {
  await using service = await startService()
  using project = openProject()
  service.things.add('/carts/1').add('/carts/1/items/2')
  const create = () => {
    const cart = track({ type: 'cart', id: 1, remove: `DELETE ${service.origin}/carts/{id}`, expiresIn: 1 })
    track({ type: 'item', id: 2, remove: `DELETE ${service.origin}/carts/1/items/{id}`, dependsOn: [cart] })
  }
  const run = await project.run({ buys: { verdict: 'failed', create } }, { ended: 'failed' })
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  expect(service.deleted).toEqual([])
  await dustpan(project.folder, ['release', run, '--type', 'item', '--yes'])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(service.deleted).toEqual(['/carts/1/items/2', '/carts/1'])
})

test('--dry-run removes nothing and names the command that shows each removal', async () => {
  using project = openProject(immediate)
  const run = await killed(project)
  const { out } = await dustpan(project.folder, ['orphans', '--dry-run'])
  expect(out).toContain(`Nothing was removed: this is a dry run. npx dustpan clean ${run} --dry-run shows each removal`)
  expect((await dustpan(project.folder, ['orphans', '--dry-run'])).out).toContain(run)
})

test('--json prints the list with --dry-run, and the outcome with --execute', async () => {
  using project = openProject(immediate)
  const run = await killed(project)
  const dry = JSON.parse((await dustpan(project.folder, ['orphans', '--dry-run', '--json'])).out)
  expect(dry.runs).toMatchObject([{ run, ended: 'lost', due: { file: 1 }, kept: {}, unresolvedIntents: 0 }])
  const { recovered } = JSON.parse((await dustpan(project.folder, ['orphans', '--execute', '--json'])).out)
  expect(recovered).toEqual([{ run, states: { removed: 1 } }])
})
