import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { track } from '@dustpan/core'
import { lockRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'
import { type Service, startService } from '../service.ts'

/** Records a failed test that created a user, two orders that depend on it, and a file. */
function keep(project: Project, service: Service): Promise<string> {
  const create = () => {
    for (const path of ['/users/7', '/orders/1', '/orders/2']) service.things.add(path)
    const user = track({ type: 'user', id: 7, remove: `DELETE ${service.origin}/users/{id}` })
    track({ type: 'order', ids: [1, 2], remove: `DELETE ${service.origin}/orders/{id}`, dependsOn: user })
    track({ type: 'file', id: project.file('a.txt') })
  }
  return project.run({ 'pays by card': { verdict: 'failed', create } }, { ended: 'failed' })
}

const killedRun = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

const reportOf = (project: Project, run: string) =>
  JSON.parse(readFileSync(join(project.ledger, 'runs', run, 'report.json'), 'utf8'))

test('the plan lists the calls in order, children first, and the number of resources in each store', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { code, out } = await dustpan(project.folder, ['clean', '--dry-run'])
  expect(code).toBe(0)
  const [file, second, first, user] = ['rm ', 'DELETE /orders/2', 'DELETE /orders/1', 'DELETE /users/7'].map((call) =>
    out.indexOf(call),
  ) as [number, number, number, number]
  expect([file, second, first, user].every((at) => at > 0)).toBe(true)
  expect(file < second && second < first && first < user).toBe(true)
  expect(out).toMatch(new RegExp(`3 resources {2}in http {3}${service.origin}`))
  expect(out).toMatch(/1 resource {3}in files|1 resource {2}in files/)
  expect(service.deleted).toEqual([])
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(true)
})

describe('a resource that a later run created again and keeps', () => {
  async function createdTwice(project: Project, service: Service, also: readonly number[] = []): Promise<string> {
    const failed = (...ids: readonly number[]) => {
      const create = () => {
        for (const id of ids) service.things.add(`/users/${id}`)
        track({ type: 'user', ids, remove: `DELETE ${service.origin}/users/{id}` })
      }
      return project.run({ fails: { verdict: 'failed', create } }, { ended: 'failed' })
    }
    const first = await failed(7, ...also)
    await failed(7)
    return first
  }

  test('is not in the plan, and its older record is dropped', async () => {
    await using service = await startService()
    using project = openProject()
    const first = await createdTwice(project, service, [8])
    const { code, out } = await dustpan(project.folder, ['clean', first, '--dry-run'])
    expect(code).toBe(0)
    expect(out).toContain('1 resource created again since, by a test or run that keeps it, will stay.')
    expect(out).not.toContain('/users/7')
    const { out: json } = await dustpan(project.folder, ['clean', first, '--dry-run', '--json'])
    expect(JSON.parse(json)).toMatchObject({ plan: [{ removals: [{ key: '8' }] }], takenOver: [expect.any(String)] })
    const removed = await dustpan(project.folder, ['clean', first], { answer: 'y' })
    expect(removed).toMatchObject({ code: 0, questions: ['Remove 1 resource? [y/N] '] })
    expect(service.things).toEqual(new Set(['/users/7']))
    expect(reportOf(project, first).totals).toMatchObject({ tracked: 2, removed: 1, gone: 1 })
  })

  test('is all that is left of a run: nothing is removed, and one JSON value is printed', async () => {
    await using service = await startService()
    using project = openProject()
    const first = await createdTwice(project, service)
    const { code, out } = await dustpan(project.folder, ['clean', first, '--json', '--yes'])
    expect(JSON.parse(out)).toMatchObject({ plan: [], takenOver: [expect.any(String)] })
    expect([code, service.deleted]).toEqual([0, []])
  })

  test('is removed once by clean --all, with the run that keeps it', async () => {
    await using service = await startService()
    using project = openProject()
    await createdTwice(project, service)
    const { code, questions } = await dustpan(project.folder, ['clean', '--all'], { answer: 'y' })
    expect([code, questions]).toEqual([0, ['Remove 1 resource of 1 run? [y/N] ']])
    expect(service.deleted).toHaveLength(1)
  })
})

test('the answer yes removes everything, prints each outcome and rewrites report.json', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await keep(project, service)
  const { code, out, questions } = await dustpan(project.folder, ['clean'], { answer: 'y' })
  expect(questions).toEqual(['Remove 4 resources? [y/N] '])
  expect(code).toBe(0)
  expect(service.things).toEqual(new Set())
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(false)
  expect(out).toMatch(/✓ user 7 +DELETE \/users\/7 +200 OK/)
  expect(out).toMatch(/✓ file +rm .*a\.txt +1 file/)
  expect(reportOf(project, run).totals).toMatchObject({ tracked: 4, removed: 4, kept: 0 })
  expect(readdirSync(join(project.ledger, 'runs', run)).filter((name) => name.endsWith('.lock'))).toEqual([])
})

test.for(['', 'n', 'yesterday'])('the answer %j removes nothing', async (answer) => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { code, out } = await dustpan(project.folder, ['clean'], { answer })
  expect(code).toBe(1)
  expect(out).toContain('Nothing was removed.')
  expect(service.deleted).toEqual([])
})

test('without a terminal and without --yes the plan is shown and nothing is removed', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { code, out, err } = await dustpan(project.folder, ['clean'])
  expect(code).toBe(1)
  expect(out).toContain('DELETE /users/7')
  expect(err).toContain('Add --yes')
  expect(service.deleted).toEqual([])
})

test('having no runs, an empty run, or nothing left to remove is no error', async () => {
  using project = openProject()
  expect(await dustpan(project.folder, ['clean', '--yes'])).toMatchObject({ code: 0, err: '' })
  mkdirSync(join(project.ledger, 'runs', '20200101-000000-empty0'), { recursive: true })
  expect((await dustpan(project.folder, ['clean'])).out).toContain('run 20200101-000000-empty0 has no records')
  expect((await dustpan(project.folder, ['list'])).out).toContain('empty')
  await project.run({ passes: { verdict: 'passed', create: () => track({ type: 'file', id: project.file('a') }) } })
  const { code, out } = await dustpan(project.folder, ['clean', '--yes'])
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Nothing left to remove.') })
})

test('--id removes only the named resources', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { resources } = JSON.parse((await dustpan(project.folder, ['list', 'latest', '--json'])).out)
  const ids = resources.filter(({ type }: { type: string }) => type === 'order').map(({ id }: { id: string }) => id)
  expect((await dustpan(project.folder, ['clean', '--yes', '--id', ids[0], '--id', ids[1]])).code).toBe(0)
  expect(service.things).toEqual(new Set(['/users/7']))
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(true)
})

test('an id that is not in the run is an error, and nothing is removed', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { code, err } = await dustpan(project.folder, ['clean', '--yes', '--id', 'slip'])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('DUSTPAN_INVALID_ARGUMENT') })
  expect(service.deleted).toEqual([])
})

test('--type and --test limit what is removed, and say when nothing matches', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  expect((await dustpan(project.folder, ['clean', '--yes', '--test', 'another'])).out).toContain(
    'matches --test "another"',
  )
  const slip = await dustpan(project.folder, ['clean', '--yes', '--type', 'fil'])
  expect(slip.out).toMatch(/Nothing of run \S+ matches --type fil\. /)
  expect((await dustpan(project.folder, ['clean', '--yes', '--type', 'file', '--test', 'pays by'])).code).toBe(0)
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(false)
  expect(service.things.size).toBe(3)
})

test('a failed removal does not stop the others, stays on record, and is retried by the next clean', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await keep(project, service)
  service.stuck.add('/orders/1')
  const first = await dustpan(project.folder, ['clean', '--yes'])
  expect(first.code).toBe(1)
  expect(first.out).toMatch(/✗ order 1 +DELETE \/orders\/1 +failed/)
  expect(first.out).toContain('DUSTPAN_REMOVAL_FAILED')
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(false)
  expect(reportOf(project, run).totals).toMatchObject({ failed: 1 })
  expect((await dustpan(project.folder, ['list', 'latest'])).out).toContain('✗ failed')
  service.stuck.clear()
  expect((await dustpan(project.folder, ['clean', '--yes'])).code).toBe(0)
  expect(service.things).toEqual(new Set())
})

test('a shared resource is not removed', async () => {
  using project = openProject()
  const create = () => track({ type: 'file', id: project.file('seed.txt'), shared: true })
  await project.run({ fails: { verdict: 'failed', create } })
  expect((await dustpan(project.folder, ['clean', '--yes'])).code).toBe(0)
  expect(existsSync(join(project.folder, 'seed.txt'))).toBe(true)
})

test('production refuses every removal, even without shadow mode: exit code 3, naming the setting', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  project.configure({ environment: 'production', shadow: false })
  const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
  expect(code).toBe(3)
  expect(err).toContain('the setting `environment` is "production"')
  expect(err).toContain('DUSTPAN_PROFILE_REFUSED')
  expect(service.deleted).toEqual([])
})

test('a host known only to the driver is refused with exit code 3, and an unreachable one with 1', async () => {
  const kafka = (brokers: readonly string[]) => ({
    drivers: [{ use: '@dustpan/kafka', name: 'main', options: { brokers } }],
  })
  using project = openProject(kafka(['localhost:1']))
  const create = () => {
    track({ type: 'topic', id: 'orders', remove: { topic: '{id}', store: 'main' } })
    track({ type: 'file', id: project.file('a.txt') })
  }
  await project.run({ fails: { verdict: 'failed', create } })
  project.configure(kafka(['broker.prod.test:9092']))
  const { code, out } = await dustpan(project.folder, ['clean', '--yes'])
  expect(out).toContain('DUSTPAN_HOST_REFUSED')
  expect(code).toBe(3)
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(false)
  project.configure(kafka(['localhost:1']))
  const unreachable = await dustpan(project.folder, ['clean', '--yes'])
  expect([unreachable.code, unreachable.out]).toEqual([1, expect.stringContaining('DUSTPAN_STORE_UNREACHABLE')])
})

test('a host that is not allowed is refused, and the other resources are removed', async () => {
  using project = openProject({
    drivers: [{ use: 'http', name: 'api', options: { origins: ['https://*.prod.test'] } }],
  })
  const create = () => {
    track({ type: 'user', id: 7, remove: 'DELETE https://api.prod.test/users/{id}' })
    track({ type: 'file', id: project.file('a.txt') })
  }
  await project.run({ fails: { verdict: 'failed', create } })
  const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
  expect(code).toBe(3)
  expect(err).toContain('the setting `allow` does not name it')
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(false)
})

test('clean stops when the configuration cannot be read', async () => {
  using project = openProject()
  writeFileSync(join(project.folder, 'dustpan.config.json'), '{')
  const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('DUSTPAN_CONFIG_UNREADABLE') })
})

test('a second clean removes nothing while another process holds the lock of the run', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await keep(project, service)
  {
    using _lock = lockRun(project.ledger, run)
    const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('DUSTPAN_RUN_LOCKED') })
    expect(service.deleted).toEqual([])
  }
  expect((await dustpan(project.folder, ['clean', '--yes'])).code).toBe(0)
})

test('two concurrent cleans remove each resource once', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const codes = await Promise.all(
    [0, 1].map(async () => (await spawnDustpan(project.folder, ['clean', '--yes'])).exitCode),
  )
  expect(codes).toContain(0)
  expect([...service.deleted].sort()).toEqual(['/orders/1', '/orders/2', '/users/7'])
})

test('resources of a test are kept while its process lives, and removed after it was killed', async () => {
  using project = openProject()
  const running = execa(process.execPath, [killedRun, project.folder], { reject: false })
  const [run] = (await once(createInterface(running.stdout), 'line')) as [string]
  const early = await dustpan(project.folder, ['clean', run, '--yes'])
  expect({ code: early.code, out: early.out }).toEqual({ code: 1, out: expect.stringContaining('still in progress') })
  expect(existsSync(join(project.folder, 'left.txt'))).toBe(true)
  running.kill('SIGKILL')
  await running
  expect((await dustpan(project.folder, ['list'])).out).toMatch(new RegExp(`${run}.* lost `))
  expect((await dustpan(project.folder, ['clean', run, '--yes'])).code).toBe(0)
  expect(existsSync(join(project.folder, 'left.txt'))).toBe(false)
})

test('--expired with nothing expired reports how many resources are left', async () => {
  await using service = await startService()
  using project = openProject()
  await keep(project, service)
  const { code, out } = await dustpan(project.folder, ['clean', '--expired', '--yes'])
  expect([code, out]).toEqual([0, expect.stringContaining('has expired (--expired): 4 resources left.')])
})

test('--expired removes only expired resources, even of a test that still runs', async () => {
  using project = openProject()
  const running = execa(process.execPath, [killedRun, project.folder], { reject: false })
  const [run] = (await once(createInterface(running.stdout), 'line')) as [string]
  expect((await dustpan(project.folder, ['clean', run, '--yes', '--expired'])).code).toBe(0)
  expect(existsSync(join(project.folder, 'left.txt'))).toBe(true)
  writeFileSync(join(project.folder, 'dustpan.config.json'), JSON.stringify({ cleanup: { maxAge: 0 } }))
  expect((await dustpan(project.folder, ['clean', run, '--yes', '--expired'])).code).toBe(0)
  expect(existsSync(join(project.folder, 'left.txt'))).toBe(false)
  running.kill('SIGKILL')
  await running
})

test('--json prints one value: the plan, and with --yes the outcome', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await keep(project, service)
  const dry = JSON.parse((await dustpan(project.folder, ['clean', '--json', '--dry-run'])).out)
  expect(dry).toMatchObject({ run, refused: { ids: [] }, inUse: [] })
  expect(dry.plan[0]).toMatchObject({
    store: 'files',
    type: 'file',
    removals: [{ removal: expect.stringContaining('rm ') }],
  })
  const done = JSON.parse((await dustpan(project.folder, ['clean', '--json', '--yes'])).out)
  expect(done.totals).toMatchObject({ removed: 4 })
  expect(done.resources.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('removed'))
})

test('a long plan is grouped by type', async () => {
  await using service = await startService()
  using project = openProject()
  const create = () => {
    for (let i = 0; i < 40; i++) {
      track({ type: 'user', id: i, remove: `DELETE ${service.origin}/users/{id}` })
      track({ type: 'order', id: i, remove: `DELETE ${service.origin}/orders/{id}` })
    }
  }
  await project.run({ fails: { verdict: 'failed', create } })
  const { out } = await dustpan(project.folder, ['clean', '--dry-run'])
  expect(out).toMatch(/• {2}user ×40 +DELETE \/users\/\{id\} +39, 38, 37 … 0/)
  expect(out).toContain('in 80 steps')
})
