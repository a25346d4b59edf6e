import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { track } from '@dustpan/core'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project, type RecordedTest } from '../project.ts'
import { startService } from '../service.ts'

const delayed = (delay: string, more: object = {}) => ({ cleanup: { strategy: 'delayed', delay }, ...more })

const creating = (project: Project, name: string): RecordedTest => ({
  verdict: 'passed',
  create: () => track({ type: 'file', id: project.file(name) }),
})

/** The run does not end, because its end would remove what is due by then. */
const goesOn = { ended: false } as const

const released = async (project: Project, tests: Readonly<Record<string, RecordedTest>>): Promise<string> => {
  const run = await project.run(tests)
  await dustpan(project.folder, ['release', run, '--yes'])
  return run
}

const isThere = ({ folder }: Project, name: string) => existsSync(join(folder, name))

interface Line {
  readonly event: 'begun' | 'done' | 'ended'
  readonly run?: string
  readonly entry?: string
  readonly states?: Readonly<Record<string, number>>
}

/** Starts `dustpan work --json` as a process of its own. */
function startWork({ folder }: Project, args: readonly string[] = []) {
  const child = spawnDustpan(folder, ['work', '--json', ...args], { env: { DUSTPAN_REAPER: '0' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: Line[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(JSON.parse(line)))
  const linesOf = (event: Line['event']) => lines.filter((line) => line.event === event)
  const begun = () => expect.poll(() => linesOf('begun').length, { timeout: 120_000 }).toBe(1)
  return { child, linesOf, begun }
}

test('work removes delayed resources once they are due, and not before', async () => {
  using project = openProject(delayed('1h'))
  const { child, linesOf, begun } = startWork(project)
  await begun()
  const later = await project.run({ later: creating(project, 'later.txt') })
  // Long enough for the worker to notice the run before the delay is over.
  project.configure(delayed('12s'))
  const soon = await project.run({ soon: creating(project, 'soon.txt') }, goesOn)
  await expect.poll(() => linesOf('done'), { timeout: 120_000 }).toHaveLength(1)
  expect(linesOf('done')).toMatchObject([{ run: soon, states: { removed: 1 } }])
  expect([isThere(project, 'soon.txt'), isThere(project, 'later.txt')]).toEqual([false, true])
  expect(linesOf('done').some(({ run }) => run === later)).toBe(false)
  child.kill('SIGTERM')
  expect(await child).toMatchObject({ exitCode: 0 })
  expect(linesOf('ended')).toHaveLength(1)
})

test('work notices a run that begins and ends while it waits', async () => {
  using project = openProject(delayed('1h'))
  const { begun, linesOf } = startWork(project)
  await begun()
  const run = await released(project, { new: creating(project, 'new.txt') })
  await expect.poll(() => linesOf('done'), { timeout: 120_000 }).toMatchObject([{ run, states: { removed: 1 } }])
  expect(isThere(project, 'new.txt')).toBe(false)
})

test('--once removes what is due and exits, and keeps what is due later', async () => {
  using project = openProject(delayed('1h'))
  const run = await released(project, { now: creating(project, 'now.txt') })
  await project.run({ later: creating(project, 'later.txt') })
  const { code, out } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:]{8} UTC  run ${run}  1 removed\\n$`))
  expect([isThere(project, 'now.txt'), isThere(project, 'later.txt')]).toEqual([false, true])
  expect(await dustpan(project.folder, ['work', '--once'])).toMatchObject({ code: 0, out: '' })
})

test('a failed removal is reported, and --once exits with 1', async () => {
  await using service = await startService()
  service.stuck.add('/users/1')
  using project = openProject(delayed('1h', { drivers: [{ use: 'http', name: 'http', options: {} }] }))
  const remove = `DELETE ${service.origin}/users/1`
  await released(project, { stuck: { verdict: 'passed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { code, out } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(1)
  expect(out).toContain('1 failed')
})

test('two concurrent workers remove each resource once', async () => {
  await using service = await startService()
  using project = openProject(delayed('1s', { drivers: [{ use: 'http', name: 'http', options: {} }] }))
  const workers = [startWork(project), startWork(project)]
  await Promise.all(workers.map(({ begun }) => begun()))
  const paths = Array.from({ length: 20 }, (_, i) => `/users/${i}`)
  for (const half of [paths.slice(0, 10), paths.slice(10)]) {
    const create = () => {
      for (const path of half) {
        service.things.add(path)
        track({ type: 'user', id: path, remove: `DELETE ${service.origin}${path}` })
      }
    }
    await project.run({ t: { verdict: 'passed', create } }, goesOn)
  }
  await expect.poll(() => service.things.size, { timeout: 120_000 }).toBe(0)
  for (const { child } of workers) child.kill('SIGTERM')
  const ends = await Promise.all(workers.map(({ child }) => child))
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect([...service.deleted].sort()).toEqual([...paths].sort())
  expect(workers.flatMap(({ linesOf }) => linesOf('done')).flatMap(({ states }) => states?.removed)).toEqual([10, 10])
})

test('on SIGINT work finishes the removal in progress', async () => {
  await using service = await startService()
  const gate = Promise.withResolvers<void>()
  service.gate = gate.promise
  using project = openProject(delayed('1h', { drivers: [{ use: 'http', name: 'http', options: {} }] }))
  service.things.add('/users/1')
  const remove = `DELETE ${service.origin}/users/1`
  await released(project, { t: { verdict: 'passed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { child, linesOf } = startWork(project)
  await expect.poll(() => service.deleted.length, { timeout: 120_000 }).toBe(1)
  child.kill('SIGINT')
  gate.resolve()
  expect(await child).toMatchObject({ exitCode: 0 })
  expect(linesOf('done')).toMatchObject([{ states: { removed: 1 } }])
})

const killedRun = join(import.meta.dirname, '../killed-run.ts')

test('the schedule cleans up killed runs that are old enough for its entry', async () => {
  const cron = '* * * * * *'
  const schedule = [
    { cron, olderThan: '1h' },
    { cron, timezone: 'Europe/Berlin' },
  ]
  using project = openProject({ cleanup: { strategy: 'immediate' }, schedule })
  const child = execa(process.execPath, [killedRun, project.folder], { reject: false })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [id] = await once(child.stdout, 'data')
  const run = String(id).trim()
  child.kill('SIGKILL')
  await child
  expect(await dustpan(project.folder, ['work', '--once'])).toMatchObject({ code: 0, out: '' })
  expect(isThere(project, 'left.txt')).toBe(true)
  const { linesOf } = startWork(project)
  await expect.poll(() => linesOf('done'), { timeout: 120_000 }).toHaveLength(1)
  expect(linesOf('done')).toMatchObject([{ run, entry: 'schedule.1', states: { removed: 1 } }])
  expect(isThere(project, 'left.txt')).toBe(false)
})

test('an invalid cron expression is reported with its path in the configuration', async () => {
  using project = openProject({ schedule: [{ cron: '0 25 * * *' }] })
  const { code, err } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(2)
  expect(err).toContain('schedule.0.cron: "0 25 * * *" is not a cron expression')
})
