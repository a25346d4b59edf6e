import { appendFileSync, chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

/** A passed test whose file is removed, and a failed one that keeps two. */
const twoTests = (project: Project) => ({
  'adds an item': { verdict: 'passed' as const, create: () => track({ type: 'file', id: project.file('a.txt') }) },
  'pays by card': {
    verdict: 'failed' as const,
    create: () => {
      track({ type: 'file', id: project.file('b.txt'), tags: ['nightly'] })
      track({ type: 'receipt', id: project.file('c.txt'), remove: { file: '{id}' } })
    },
  },
})

test('an empty or missing ledger is reported, and is no error', async () => {
  using project = openProject()
  const { code, out, err } = await dustpan(project.folder, ['list'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('No run has tracked anything yet')
  mkdirSync(join(project.folder, 'there'))
  expect((await dustpan(project.folder, ['list', '--dir', 'there'])).out).toContain('there is empty.')
  expect((await dustpan(project.folder, ['list', '--dir', 'nowhere'])).out).toContain('nowhere does not exist.')
  expect((await dustpan(project.folder, ['list', '--json'])).out).toBe('[]\n')
  expect((await dustpan(project.folder, ['list', 'latest'])).code).toBe(0)
})

test('runs are listed with how they ended and their totals, as JSON and as a table with --limit', async () => {
  using project = openProject()
  const first = await project.run(twoTests(project), { ended: 'failed' })
  const second = await project.run({
    alone: { verdict: 'passed', create: () => track({ type: 'file', id: project.file('d') }) },
  })
  const { out } = await dustpan(project.folder, ['list', '--json'])
  const runs = JSON.parse(out)
  expect(new Set(runs.map(({ id }: { id: string }) => id))).toEqual(new Set([first, second]))
  expect(runs.find(({ id }: { id: string }) => id === first)).toMatchObject({
    ...{ runner: 'vitest 5.1.1', ended: 'failed', build: 'build-77' },
    ...{ tracked: 3, removed: 1, kept: 2, left: 0 },
  })
  const text = (await dustpan(project.folder, ['list', '--limit', '1'])).out
  expect(text).toMatch(/^RUN +AGE +RUNNER +ENDED +TRACKED +REMOVED +KEPT +LEFT\n/)
  expect(text).toContain('… and 1 older: --limit 2')
})

test('list of a run shows what is not removed, by test, with location, source line and id', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project), { ended: 'failed' })
  const { out } = await dustpan(project.folder, ['list', id])
  expect(out).toContain('3 tracked · 1 removed · 2 kept')
  expect(out).toContain('test/cart.test.ts > cart > pays by card  kept: the test failed, until ')
  expect(out).toMatch(
    /● kept {2}\S.* rm .*b\.txt {2}files {2}(now|\d+ s ago) {2}\S+list\.test\.ts:\d+ {2}id \w+-\w+\.0\n/,
  )
  expect(out).not.toContain('a.txt')
  expect(out).toContain(`npx dustpan clean ${id}`)
  expect((await dustpan(project.folder, ['list', id, '--all'])).out).toContain('a.txt')
})

test('--json prints every field of a resource', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project), { ended: 'failed' })
  const { out } = await dustpan(project.folder, ['list', 'latest', '--json'])
  const { resources, totals } = JSON.parse(out)
  expect(totals).toMatchObject({ tracked: 3, kept: 2 })
  expect(resources).toHaveLength(2)
  expect(resources[0]).toMatchObject({
    ...{ run: id, build: 'build-77', runner: 'vitest 5.1.1', environment: 'local', projectVersion: '1.2.3' },
    ...{ createdBy: 'dustpan', agent: expect.any(String), createdAt: expect.stringMatching(/^20.*Z$/) },
    worker: { role: 'worker', pid: process.pid, writer: expect.stringMatching(/^\w+$/) },
    flow: {
      kind: 'test',
      file: 'test/cart.test.ts',
      titles: ['cart', 'pays by card'],
      verdict: 'failed',
      decision: 'keep',
    },
    ...{ state: 'kept', type: 'file', store: 'files', storeId: expect.stringContaining('file://'), tags: ['nightly'] },
  })
})

test('list filters resources by state, type and test', async () => {
  using project = openProject()
  await project.run(twoTests(project), { ended: 'failed' })
  const keys = async (...args: string[]) => {
    const { out } = await dustpan(project.folder, ['list', 'latest', '--json', ...args])
    return JSON.parse(out).resources.map(({ key }: { key: string }) => key.slice(-5))
  }
  expect(await keys('--state', 'removed')).toEqual(['a.txt'])
  expect(await keys('--type', 'receipt')).toEqual(['c.txt'])
  expect(await keys('--test', 'PAYS', '--type', 'file')).toEqual(['b.txt'])
  expect(await keys('--state', 'kept,removed')).toHaveLength(3)
  expect((await dustpan(project.folder, ['list', 'latest', '--test', 'nobody'])).out).toContain('No matches.')
})

test('a filter without matches is reported, and a filter without a run is a usage error', async () => {
  using project = openProject()
  const run = await project.run(twoTests(project), { ended: 'failed' })
  const slip = await dustpan(project.folder, ['list', 'latest', '--type', 'recipt'])
  expect(slip.err).toContain(`Nothing of run ${run} matches --type recipt. It has these types: file, receipt.`)
  const without = await dustpan(project.folder, ['list', '--state', 'kept'])
  expect([without.code, without.err]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
  expect(without.err).toContain('dustpan list latest')
})

test('a run is found by the start of its id, and an unknown or ambiguous start is an error', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project))
  expect((await dustpan(project.folder, ['list', id.slice(0, -3)])).out).toContain(`Run ${id}`)
  await project.run({ alone: { verdict: 'passed', create: () => track({ type: 'file', id: project.file('d') }) } })
  const unknown = await dustpan(project.folder, ['list', 'nothing'])
  expect(unknown).toMatchObject({ code: 2, out: '', err: expect.stringContaining('DUSTPAN_UNKNOWN_RUN') })
  const several = await dustpan(project.folder, ['list', '20'])
  expect(several).toMatchObject({ code: 2, err: expect.stringContaining('has 2 runs that start with "20"') })
})

test('a run without an end is listed with its resources, torn lines and unresolved creates', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project), { ended: false })
  const folder = join(project.ledger, 'runs', id)
  const journal = join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl')) as string)
  const intent = {
    intent: 'x-1',
    store: { driver: 'http', id: 'http://localhost' },
    type: 'user',
    via: 'POST /users',
    at: 1,
  }
  appendFileSync(
    journal,
    `{"v":1,"n":900,"t":${Date.now()},"e":"create.intended","scope":"s",${JSON.stringify(intent).slice(1)}\n`,
  )
  appendFileSync(journal, '{"v":1,"n":901,"t":3,"e":"created"}\n')
  appendFileSync(journal, '{"v":1,"n":902,"e":"crea')
  const { code, out } = await dustpan(project.folder, ['list', id])
  expect(code).toBe(0)
  expect(out).toContain('2 kept')
  expect(out).toContain('? POST /users in http: started; outcome unknown')
  expect(out).toContain('2 line(s) of')
  expect(out).toContain('DUSTPAN_LEDGER_TORN')
})

test('list works with an unreadable configuration, and warns with DUSTPAN_CONFIG_UNREADABLE', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project))
  writeFileSync(join(project.folder, 'dustpan.config.json'), '{ nonsense')
  mkdirSync(join(project.folder, 'deep'))
  const { code, out, err } = await dustpan(join(project.folder, 'deep'), ['list', 'latest'])
  expect(code).toBe(0)
  expect(out).toContain(`Run ${id}`)
  expect(out).toContain('b.txt')
  expect(err).toContain('DUSTPAN_CONFIG_UNREADABLE')
})

test('a run is listed although a driver of it is not installed', async () => {
  using project = openProject({ drivers: [{ use: 'files', name: 'disk', options: {} }] })
  await project.run(twoTests(project))
  project.configure({ drivers: [{ use: 'no-such-driver', name: 'disk', options: {} }] })
  expect((await dustpan(project.folder, ['list', 'latest'])).out).toContain('disk: file')
})

test('--dir lists the ledger in another folder', async () => {
  using project = openProject()
  using elsewhere = openProject()
  const id = await project.run(twoTests(project))
  expect((await dustpan(elsewhere.folder, ['list', '--dir', project.ledger])).out).toContain(id)
})

test('a resource takes one line on a wide terminal, and is wrapped to the width of a narrow one', async () => {
  using project = openProject()
  await project.run(twoTests(project))
  const linesAt = async (width: number) =>
    (await dustpan(project.folder, ['list', 'latest'], { width })).out.split('\n')
  expect((await linesAt(200)).filter((line) => line.includes('● kept'))[0]).toMatch(/ id \S+$/)
  const narrow = await linesAt(80)
  expect(narrow.filter((line) => line.includes('● kept'))[0]).not.toMatch(/ id \S+$/)
  expect(Math.max(...narrow.filter((line) => line.includes('●')).map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('a read-only ledger can be listed, and clean fails with DUSTPAN_LEDGER_UNWRITABLE', async () => {
  using project = openProject()
  const id = await project.run(twoTests(project))
  const folder = join(project.ledger, 'runs', id)
  chmodSync(project.folder, 0o755)
  chmodSync(project.ledger, 0o755)
  chmodSync(join(project.ledger, 'runs'), 0o755)
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444)
  chmodSync(folder, 0o555)
  const { stdout, exitCode } = await spawnDustpan(project.folder, ['list', 'latest'], asNobody())
  const cleaning = await spawnDustpan(project.folder, ['clean', '--yes'], asNobody())
  chmodSync(folder, 0o755)
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(id) })
  expect(cleaning.stderr).toContain('DUSTPAN_LEDGER_UNWRITABLE')
  expect(cleaning.exitCode).toBe(1)
})

/** Root may write to read-only files, so root switches to another user. */
const asNobody = () => (process.getuid?.() === 0 ? { uid: 65534 } : {})

test('a malformed URL of the shared ledger is a configuration error, and is not printed', async () => {
  using project = openProject({
    ledger: { use: '@dustpan/postgres-ledger', options: { url: 'postgres://u:s3cret@host:port/x' } },
  })
  const { code, err } = await dustpan(project.folder, ['list'])
  expect([code, err]).toEqual([2, expect.stringContaining('DUSTPAN_CONFIG_INVALID')])
  expect(err).toContain('ledger.options.url')
  expect(err).not.toMatch(/s3cret|next run/)
})

test('many resources of one type and one test are listed in one line', async () => {
  using project = openProject()
  const ids = Array.from({ length: 40 }, (_, i) => i)
  const create = () => {
    track({ type: 'user', ids, remove: 'DELETE http://localhost:1/users/{id}' })
    track({ type: 'order', id: 1, remove: 'DELETE http://localhost:1/orders/{id}' })
  }
  await project.run({ fails: { verdict: 'failed', create } })
  const { out } = await dustpan(project.folder, ['list', 'latest'])
  expect(out).toMatch(/user ×40 0 … 39 +DELETE \/users\/\{id\} .*id .+ … .+; --json lists all/)
  expect(out).toMatch(/order 1 /)
  expect(out.split('\n').length).toBeLessThan(15)
})
