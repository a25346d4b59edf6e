import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const oneKept = (project: Project) =>
  project.run(
    { fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a.txt') }) } },
    { ended: 'failed' },
  )

test('report as JSON equals report.json', async () => {
  using project = openProject()
  const run = await oneKept(project)
  const written = readFileSync(join(project.ledger, 'runs', run, 'report.json'), 'utf8')
  expect((await dustpan(project.folder, ['report', '--format', 'json'])).out).toBe(written)
  expect((await dustpan(project.folder, ['report', run, '--json'])).out).toBe(written)
})

test('report as text shows the totals and the failed test', async () => {
  using project = openProject()
  await oneKept(project)
  const { out, code } = await dustpan(project.folder, ['report'])
  expect(code).toBe(0)
  expect(out).toMatch(/^Dustpan {2}1 tracked · 0 removed · 1 kept\n/)
  expect(out).toContain('test/cart.test.ts > cart > fails')
})

test('--output writes the report to a file, without colours', async () => {
  using project = openProject()
  await oneKept(project)
  const { out } = await dustpan(project.folder, ['report', '--format', 'markdown', '--output', 'summary.md'], {
    colour: true,
  })
  expect(out).toBe('')
  expect(readFileSync(join(project.folder, 'summary.md'), 'utf8')).toMatch(
    /^### Dustpan: 1 tracked · 0 removed · 1 kept\n/,
  )
})

test('an unknown format and an unwritable output file are usage errors', async () => {
  using project = openProject()
  await oneKept(project)
  const pdf = await dustpan(project.folder, ['report', '--format', 'pdf'])
  expect(pdf).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('Allowed choices are text, json, markdown, html, junit'),
  })
  const nowhere = await dustpan(project.folder, ['report', '--output', 'no/such/folder/x.md'])
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('DUSTPAN_INVALID_ARGUMENT') })
})

test('report without any run is a usage error', async () => {
  using project = openProject()
  expect(await dustpan(project.folder, ['report'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('has no runs'),
  })
})
