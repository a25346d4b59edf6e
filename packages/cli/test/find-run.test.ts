import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from './dustpan.ts'
import { openProject, type Project } from './project.ts'

const keep = (project: Project, name: string) =>
  project.run({ fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file(name) }) } })

/** Makes the run look like one that came from the shared ledger. */
function fromElsewhere({ ledger }: Project, run: string): void {
  const folder = join(ledger, 'runs', run)
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8')
    rmSync(join(folder, name))
    if (!name.endsWith('.jsonl')) continue
    const marked = text.replaceAll('"e":"writer"', '"e":"writer","elsewhere":true')
    writeFileSync(join(folder, name.replace('.jsonl', '.elsewhere.jsonl')), marked)
  }
}

test('latest is the newest run of this machine, and a run of another machine is chosen by its id', async () => {
  using project = openProject()
  const own = await keep(project, 'own.txt')
  const other = await keep(project, 'other.txt')
  fromElsewhere(project, other)
  const { out } = await dustpan(project.folder, ['clean', '--dry-run'])
  expect(out).toContain('own.txt')
  expect(out).not.toContain('other.txt')
  expect((await dustpan(project.folder, ['clean', other, '--dry-run'])).out).toContain(`Run ${other}`)
  rmSync(join(project.ledger, 'runs', own), { recursive: true })
  const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
  expect([code, err]).toEqual([2, expect.stringContaining('DUSTPAN_UNKNOWN_RUN')])
  expect(err).toContain(`The newest is ${other}`)
})
