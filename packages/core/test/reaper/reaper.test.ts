import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { foldRun } from '../../src/ledger/fold.ts'
import { pidStart } from '../../src/ledger/process-identity.ts'
import { readRun } from '../../src/ledger/read.ts'

const program = join(import.meta.dirname, 'killed.ts')

/** Its run has begun, and its test has left a file. */
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

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a run that is killed is cleaned up all the same, and its reaper does not outlive that', async () => {
  const { file, child, reaper, folded } = await start()
  child.kill('SIGKILL')
  await until(() => !existsSync(file))
  await until(() => !isAlive(reaper))
  const { resources, ended, scopes } = folded()
  expect([...resources.values()].map(({ state }) => state)).toEqual(['removed'])
  expect(ended).toBe('lost')
  expect([...scopes.values()].map(({ path }) => path)).toContainEqual(['is killed'])
})

test('so is one that is killed with all of its process group', async () => {
  const { file, child, reaper } = await start()
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await until(() => !existsSync(file))
  await until(() => !isAlive(reaper))
})

test('what the policy keeps stays, as after a test that failed', async () => {
  const { file, child, reaper, folded } = await start({ cleanup: { strategy: 'conditional' } })
  child.kill('SIGKILL')
  await until(() => !isAlive(reaper))
  expect(existsSync(file)).toBe(true)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['kept'])
})

test('a run that ends in order needs none: it goes with the main process', async () => {
  const { child, reaper, folded } = await start()
  await child.sendMessage('end')
  const { exitCode, stderr } = await child
  expect([exitCode, stderr]).toEqual([0, ''])
  await until(() => !isAlive(reaper))
  expect(folded().writers.map(({ role }) => role)).not.toContain('reaper')
})

test('without one, what was left is on record and stays', async () => {
  const { file, child, reaper, folded } = await start({ reaper: false })
  child.kill('SIGKILL')
  await child
  expect(reaper).toBe(0)
  expect(existsSync(file)).toBe(true)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['live'])
})

test('a reaper that would not work says so, loudly, while the run goes on', async () => {
  const use = join(import.meta.dirname, 'not-for-reapers.ts')
  const { child } = await start({ drivers: [{ use, name: 'main' }] })
  const [text] = await once(child.stderr, 'data')
  expect(String(text)).toContain('DUSTPAN_REAPER_NOT_ARMED')
  expect(String(text)).toContain('not for reapers')
  child.kill('SIGKILL')
})
