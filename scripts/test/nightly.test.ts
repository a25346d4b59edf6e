/** Runs the workflows of docs/nightly.md step by step, against the leftovers of a killed run. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startReceiver } from '@dustpan/conformance'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { readBlocks } from '../snippets/block.ts'
import { runGithubWorkflow, type Workflow } from '../workflows/github.ts'
import { type Pipeline, runGitlabPipeline } from '../workflows/gitlab.ts'
import { startMachine } from '../workflows/machine.ts'
import type { BuildOutcome } from '../workflows/outcome.ts'
import { root } from '../workspace.ts'

const page = readBlocks('docs/nightly.md', readFileSync(join(root, 'docs/nightly.md'), 'utf8'))
const files = Object.fromEntries(page.flatMap(({ attributes: { title }, text }) => (title ? [[title, text]] : [])))
const workflow: Workflow = parse(files['.github/workflows/dustpan-nightly.yml'] ?? '')
const pipeline: Pipeline = parse(files['.gitlab-ci.yml'] ?? '')

type Variables = Readonly<Record<'ALERT_URL' | 'DUSTPAN_DIR', string>>

const platforms: Readonly<Record<string, (variables: Variables) => Promise<BuildOutcome>>> = {
  'GitHub Actions': (vars) =>
    runGithubWorkflow(workflow, { '*': files }, folderOf('artifacts'), { vars, secrets: vars, runId: '1' }),
  'GitLab CI': (vars) => runGitlabPipeline(pipeline, { '*': files }, folderOf('artifacts'), vars),
}

/** A temporary folder, as a disk that outlives the jobs. */
function folderOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/** A run that was killed two days ago and left this many files. */
async function killedRun(disk: string, count: number): Promise<void> {
  await using machine = await startMachine({
    'two-days-ago.mjs': 'const { now } = Date\nDate.now = () => now() - 2 * 24 * 60 * 60_000\n',
    'killed.test.mjs': `
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { track } from '@dustpan/core'

test('is killed', () => {
  for (let number = 0; number < ${count}; number++) {
    const id = '${disk}/' + number + '.txt'
    writeFileSync(id, 'left')
    track({ type: 'file', id })
  }
  process.kill(process.pid, 'SIGKILL')
})`,
  })
  const environment = { DUSTPAN_DIR: join(disk, 'ledger'), DUSTPAN_REAPER: '0' }
  const command = 'node --import ./two-days-ago.mjs --import @dustpan/node-test killed.test.mjs'
  expect(await machine.run(command, environment), machine.output).toBe(false)
}

test.for(Object.entries(platforms))('%s: leftovers of a killed run are removed without an alert', async ([, run]) => {
  await using hook = await startReceiver()
  const [disk, { received, url }] = [folderOf('disk'), hook]
  await killedRun(disk, 2)
  const [job] = Object.values(await run({ ALERT_URL: url, DUSTPAN_DIR: join(disk, 'ledger') }))
  expect(job?.result, job?.output).toBe('success')
  expect(job?.output).toContain('2 removed')
  expect(existsSync(join(disk, '0.txt'))).toBe(false)
  expect(received).toEqual([])
})

test.for(Object.entries(platforms))(
  '%s: orphans over the limit are removed, the job fails, and one alert is sent',
  async ([, run]) => {
    await using hook = await startReceiver()
    const [disk, { received, url }] = [folderOf('disk'), hook]
    await killedRun(disk, 101)
    const [job] = Object.values(await run({ ALERT_URL: url, DUSTPAN_DIR: join(disk, 'ledger') }))
    expect(job?.result, job?.output).toBe('failure')
    expect(job?.output).toContain('101 removed')
    expect(received).toEqual([{ text: expect.stringMatching(/^Dustpan: 101 orphans of 1 run, /) }])
  },
)
