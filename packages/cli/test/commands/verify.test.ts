import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'
import { type Service, startService } from '../service.ts'

/** Records a run that removed two users and a file, and kept a file. */
async function shop(project: Project, service: Service): Promise<string> {
  const remove = `DELETE ${service.origin}/users/{id}`
  const create = () => {
    for (const id of [1, 2]) {
      service.things.add(`/users/${id}`)
      track({ type: 'user', id, remove })
    }
    track({ type: 'file', id: project.file('a.txt') })
  }
  const keep = () => track({ type: 'file', id: project.file('kept.txt') })
  return project.run({ passes: { verdict: 'passed', create }, fails: { verdict: 'failed', create: keep } })
}

const ledgerOf = ({ ledger }: Project, run: string) =>
  readdirSync(join(ledger, 'runs', run)).map((file) => [file, statSync(join(ledger, 'runs', run, file)).size])

test('verify reports that everything is as recorded, and writes nothing', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await shop(project, service)
  const before = ledgerOf(project, run)
  const { code, out } = await dustpan(project.folder, ['verify'])
  expect([code, out]).toEqual([0, `Run ${run}  4 of 4 checked, all as recorded\n`])
  expect(ledgerOf(project, run)).toEqual(before)
})

test('resources recorded as removed but still present are listed, with exit code 1', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await shop(project, service)
  service.things.add('/users/2')
  project.file('a.txt')
  const { code, out } = await dustpan(project.folder, ['verify', run])
  expect(code).toBe(1)
  expect(out).toContain('4 of 4 checked, 2 recorded as removed but still present\n')
  expect(out).toMatch(new RegExp(`\\n {2}✓ removed +user 2 +still there +GET ${service.origin}/users/2 +\\S+ +id \\S+`))
  expect(out).toMatch(/\n {2}✓ removed +file +still there +\S+a\.txt /)
  expect(service.deleted).toEqual(['/users/2', '/users/1'])
  expect((await dustpan(project.folder, ['verify', run, '--type', 'order'])).code).toBe(0)
})

test('a --type that the run does not have is reported', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await shop(project, service)
  expect((await dustpan(project.folder, ['verify', run, '--type', 'ordr'])).err).toContain('matches --type ordr')
})

test('a kept resource that is missing is reported, with exit code 0', async () => {
  await using service = await startService()
  using project = openProject()
  const run = await shop(project, service)
  rmSync(join(project.folder, 'kept.txt'))
  const { code, out } = await dustpan(project.folder, ['verify', run, '--json'])
  const { things } = JSON.parse(out) as { things: { presence: string; mismatch?: string; state: string }[] }
  expect(code).toBe(0)
  expect(things.map(({ presence }) => presence)).toEqual(['absent', 'absent', 'absent', 'absent'])
  expect(things.filter(({ mismatch }) => mismatch)).toMatchObject([{ state: 'kept', mismatch: 'not there any more' }])
})

test('a resource that is removed by a function cannot be checked', async () => {
  using project = openProject()
  const create = () => track({ type: 'thing', id: 1, remove: () => {} })
  const run = await project.run({ passes: { verdict: 'passed', create } })
  const { code, out } = await dustpan(project.folder, ['verify', run])
  expect([code, out]).toEqual([
    0,
    `Run ${run}  none of 1 could be checked\n  ? unknown  1 resource  its removal is a function\n`,
  ])
})

test('when a key was created again, only the newer resource is checked', async () => {
  await using service = await startService()
  using project = openProject()
  const createUser = () => {
    service.things.add('/users/1')
    track({ type: 'user', id: 1, remove: `DELETE ${service.origin}/users/{id}` })
  }
  const run = await project.run({
    first: { verdict: 'passed', create: createUser },
    second: { verdict: 'failed', create: createUser },
  })
  expect([...service.things]).toEqual(['/users/1'])
  const { code, out } = await dustpan(project.folder, ['verify', run])
  expect([code, out]).toEqual([0, `Run ${run}  1 of 1 checked, all as recorded\n`])
})

test('a store on a host that is not allowed is not asked, and the exit code is 3', async () => {
  const http = { use: 'http', name: 'http', options: { origins: ['https://shop.prod.test'] } }
  using project = openProject({ drivers: [http] })
  const remove = 'DELETE https://shop.prod.test/users/1'
  const run = await project.run({ fails: { verdict: 'failed', create: () => track({ type: 'user', id: 1, remove }) } })
  const { code, out } = await dustpan(project.folder, ['verify', run])
  expect([code, out]).toEqual([3, expect.stringContaining('https://shop.prod.test could not be asked')])
})

test('an empty ledger is reported, and an unknown run is a usage error', async () => {
  using project = openProject()
  expect((await dustpan(project.folder, ['verify'])).out).toContain('has no runs')
  expect((await dustpan(project.folder, ['verify', 'nope'])).code).toBe(2)
})
