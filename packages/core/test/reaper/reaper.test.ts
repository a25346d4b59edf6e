import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { pidStart } from '../../src/processes/process-identity.ts'

const program = join(import.meta.dirname, 'killed.ts')

/** Starts a run whose test has left a file. */
async function start(config: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-killed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify(config))
  const file = join(folder, 'left.txt')
  const child = execa(process.execPath, [program, folder, file], {
    env: { DUSTPAN_REAPER: '1' },
    reject: false,
    ipc: true,
    detached: true,
  })
  const [text] = await once(child.stdout, 'data')
  const { run, reaper } = JSON.parse(String(text)) as { run: string; reaper: number }
  const folded = () => foldRun(run, readRun(join(folder, '.dustpan'), run))
  return { folder, file, child, reaper, folded }
}

const isAlive = (pid: number): boolean => ![undefined, 'exited'].includes(pidStart(pid))

async function waitFor(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a killed run is cleaned up by its reaper, which then exits', async () => {
  const { file, child, reaper, folded } = await start()
  child.kill('SIGKILL')
  await waitFor(() => !existsSync(file))
  await waitFor(() => !isAlive(reaper))
  const { resources, ended, scopes } = folded()
  expect([...resources.values()].map(({ state }) => state)).toEqual(['removed'])
  expect(ended).toBe('lost')
  expect([...scopes.values()].map(({ path }) => path)).toContainEqual(['is killed'])
})

test('a run killed with its process group is cleaned up by its reaper, which then exits', async () => {
  const { file, child, reaper } = await start()
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await waitFor(() => !existsSync(file))
  await waitFor(() => !isAlive(reaper))
})

test('the reaper keeps what the policy keeps after a failed test', async () => {
  const { file, child, reaper, folded } = await start({ cleanup: { strategy: 'conditional' } })
  child.kill('SIGKILL')
  await waitFor(() => !isAlive(reaper))
  expect(existsSync(file)).toBe(true)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['kept'])
})

test('the reaper of a run that ends normally exits without acting', async () => {
  const { child, reaper, folded } = await start()
  await child.sendMessage('end')
  const { exitCode, stderr } = await child
  expect([exitCode, stderr]).toEqual([0, ''])
  await waitFor(() => !isAlive(reaper))
  expect(folded().writers.map(({ role }) => role)).not.toContain('reaper')
})

test('resources of a killed run stay on record with reaper: false', async () => {
  const { file, child, reaper, folded } = await start({ reaper: false })
  child.kill('SIGKILL')
  await child
  expect(reaper).toBe(0)
  expect(existsSync(file)).toBe(true)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['live'])
})

test('a reaper that cannot load the drivers warns with DUSTPAN_REAPER_NOT_ARMED during the run', async () => {
  const use = join(import.meta.dirname, 'not-for-reapers.ts')
  const { child } = await start({ drivers: [{ use, name: 'main' }] })
  const [text] = await once(child.stderr, 'data')
  expect(String(text)).toContain('DUSTPAN_REAPER_NOT_ARMED')
  expect(String(text)).toContain('not for reapers')
  child.kill('SIGKILL')
})
