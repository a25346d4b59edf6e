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

/** Its own end does not come, which would take what is due by then. */
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

/** As a process of its own, that tells in JSON. */
function startWork({ folder }: Project, args: readonly string[] = []) {
  const child = spawnDustpan(folder, ['work', '--json', ...args], { env: { DUSTPAN_REAPER: '0' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: Line[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(JSON.parse(line)))
  const told = (event: Line['event']) => lines.filter((line) => line.event === event)
  const begun = () => expect.poll(() => told('begun').length, { timeout: 120_000 }).toBe(1)
  return { child, told, begun }
}

test('what was to be removed later goes when its time has come, and not before', async () => {
  using project = openProject(delayed('1h'))
  const { child, told, begun } = startWork(project)
  await begun()
  const later = await project.run({ later: creating(project, 'later.txt') })
  // Long enough for the worker to know of it before.
  project.configure(delayed('12s'))
  const soon = await project.run({ soon: creating(project, 'soon.txt') }, goesOn)
  await expect.poll(() => told('done'), { timeout: 120_000 }).toHaveLength(1)
  expect(told('done')).toMatchObject([{ run: soon, states: { removed: 1 } }])
  expect([isThere(project, 'soon.txt'), isThere(project, 'later.txt')]).toEqual([false, true])
  expect(told('done').some(({ run }) => run === later)).toBe(false)
  child.kill('SIGTERM')
  expect(await child).toMatchObject({ exitCode: 0 })
  expect(told('ended')).toHaveLength(1)
})

test('a run that begins and ends while it waits is noticed', async () => {
  using project = openProject(delayed('1h'))
  const { begun, told } = startWork(project)
  await begun()
  const run = await released(project, { new: creating(project, 'new.txt') })
  await expect.poll(() => told('done'), { timeout: 120_000 }).toMatchObject([{ run, states: { removed: 1 } }])
  expect(isThere(project, 'new.txt')).toBe(false)
})

test('once: does what is due by now, and ends; what is due later stays', async () => {
  using project = openProject(delayed('1h'))
  const run = await released(project, { now: creating(project, 'now.txt') })
  await project.run({ later: creating(project, 'later.txt') })
  const { code, out } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:]{8} UTC  run ${run}  1 removed\\n$`))
  expect([isThere(project, 'now.txt'), isThere(project, 'later.txt')]).toEqual([false, true])
  expect(await dustpan(project.folder, ['work', '--once'])).toMatchObject({ code: 0, out: '' })
})

test('what cannot be removed is told, and the exit code of --once says that something is left', async () => {
  await using service = await startService()
  service.stuck.add('/users/1')
  using project = openProject(delayed('1h', { drivers: [{ use: 'http', name: 'http', options: {} }] }))
  const remove = `DELETE ${service.origin}/users/1`
  await released(project, { stuck: { verdict: 'passed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { code, out } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(1)
  expect(out).toContain('1 failed')
})

test('two that work at once do each thing once', async () => {
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
  expect(workers.flatMap(({ told }) => told('done')).flatMap(({ states }) => states?.removed)).toEqual([10, 10])
})

test('the first signal lets it finish what it has begun', async () => {
  await using service = await startService()
  const gate = Promise.withResolvers<void>()
  service.gate = gate.promise
  using project = openProject(delayed('1h', { drivers: [{ use: 'http', name: 'http', options: {} }] }))
  service.things.add('/users/1')
  const remove = `DELETE ${service.origin}/users/1`
  await released(project, { t: { verdict: 'passed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { child, told } = startWork(project)
  await expect.poll(() => service.deleted.length, { timeout: 120_000 }).toBe(1)
  child.kill('SIGINT')
  gate.resolve()
  expect(await child).toMatchObject({ exitCode: 0 })
  expect(told('done')).toMatchObject([{ states: { removed: 1 } }])
})

const killedRun = join(import.meta.dirname, '../killed-run.ts')

test('the schedule takes what dead runs left, if they are old enough for it', async () => {
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
  const { told } = startWork(project)
  await expect.poll(() => told('done'), { timeout: 120_000 }).toHaveLength(1)
  expect(told('done')).toMatchObject([{ run, entry: 'schedule.1', states: { removed: 1 } }])
  expect(isThere(project, 'left.txt')).toBe(false)
})

test('a time of the schedule that is none is told by its place in the configuration', async () => {
  using project = openProject({ schedule: [{ cron: '0 25 * * *' }] })
  const { code, err } = await dustpan(project.folder, ['work', '--once'])
  expect(code).toBe(2)
  expect(err).toContain('schedule.0.cron: "0 25 * * *" is not a cron expression')
})
