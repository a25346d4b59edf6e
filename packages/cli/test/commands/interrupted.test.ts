/** Ctrl-C at a question and during a removal. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'
import { type Service, startService } from '../service.ts'

/** Tracks things of several types, so that each is removed by its own request. */
async function keep(project: Project, service: Service, ended: 'failed' | 'passed' = 'failed'): Promise<string> {
  const create = () => {
    for (const id of [1, 2, 3]) {
      service.things.add(`/things/${id}`)
      if (ended === 'passed') service.stuck.add(`/things/${id}`)
      track({ type: `thing-${id}`, id, remove: `DELETE ${service.origin}/things/{id}` })
    }
  }
  const run = await project.run({ 'pays by card': { verdict: ended, create } }, { ended })
  service.stuck.clear()
  service.deleted.length = 0
  return run
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await setTimeout(10)
}

/** Interrupts the command while the service holds back its answers. */
async function interrupted(project: Project, service: Service, args: readonly string[], times = 1) {
  const gate = Promise.withResolvers<void>()
  service.gate = gate.promise
  const running = spawnDustpan(project.folder, args, { detached: true })
  let errors = ''
  running.stderr?.on('data', (text) => {
    errors += text
  })
  let isOver = false
  void running.finally(() => {
    isOver = true
  })
  await until(() => service.deleted.length > 0 || isOver)
  running.kill('SIGINT')
  await until(() => errors.includes('interrupted') || isOver)
  if (times > 1) running.kill('SIGINT')
  else gate.resolve()
  const result = await running
  gate.resolve()
  return result
}

const slow = { cleanup: { strategy: 'conditional', interruptTimeout: '2m', retry: { attempts: 2, delay: 1 } } }

test.for([
  [['clean', '--yes'], 'failed'],
  [['orphans', '--yes'], 'passed'],
  [['ci', 'clean', '--build', 'build-77', '--over'], 'failed'],
  [['work', '--once'], 'failed'],
] as const)(
  '%j: Ctrl-C finishes the removal in progress, starts no other, and exits with 130',
  async ([args, ended]) => {
    await using service = await startService()
    using project = openProject(slow)
    const run = await keep(project, service, ended)
    if (args[0] === 'work') await dustpan(project.folder, ['release', run, '--yes'])
    const { exitCode, stdout, stderr } = await interrupted(project, service, args)
    expect(exitCode, stderr).toBe(130)
    expect(stderr).toContain('dustpan: interrupted.')
    expect(stdout).toMatch(/✓ .*removed|1 removed/)
    expect(service.deleted).toHaveLength(1)
    expect(service.things.size).toBe(2)
    service.gate = undefined
    expect((await dustpan(project.folder, [...args])).code).toBe(0)
    expect(service.things.size).toBe(0)
  },
)

test('the second Ctrl-C exits at once, and list shows the removal whose outcome is unknown', async () => {
  await using service = await startService()
  using project = openProject(slow)
  const run = await keep(project, service)
  const { exitCode, stderr } = await interrupted(project, service, ['clean', '--yes'], 2)
  expect(exitCode, stderr).toBe(130)
  expect(stderr).toContain(`npx dustpan list`)
  expect((await dustpan(project.folder, ['list'])).out).toMatch(/UNKNOWN\n.* 1$/m)
  expect(JSON.parse((await dustpan(project.folder, ['list', '--json'])).out)[0]).toMatchObject({ kept: 3, unknown: 1 })
  const { out } = await dustpan(project.folder, ['list', run])
  expect(out.match(/Its removal was started, and its outcome is unknown\./g)).toHaveLength(1)
})

test('after Ctrl-C a hanging removal is waited for no longer than cleanup.interruptTimeout', async () => {
  await using service = await startService()
  using project = openProject({ cleanup: { strategy: 'conditional', interruptTimeout: '50ms' } })
  await keep(project, service)
  service.gate = new Promise(() => {})
  const running = spawnDustpan(project.folder, ['clean', '--yes'], { detached: true })
  await until(() => service.deleted.length > 0)
  running.kill('SIGINT')
  const { exitCode, stderr } = await running
  expect(exitCode, stderr).toBe(130)
  expect(stderr).toContain('is unknown')
})

test.for(['Ctrl-C', 'Ctrl-D'] as const)('%s at a question removes nothing', async (presses) => {
  using project = openProject()
  await project.run({ fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a.txt') }) } })
  const { code, out, questions } = await dustpan(project.folder, ['clean'], { presses })
  expect([code, questions.length]).toEqual([presses === 'Ctrl-C' ? 130 : 1, 1])
  expect(out).toContain('Nothing was removed.')
  expect(existsSync(join(project.folder, 'a.txt'))).toBe(true)
})
