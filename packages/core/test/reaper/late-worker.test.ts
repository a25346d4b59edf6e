import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'

async function waitFor(what: () => boolean): Promise<void> {
  while (!what()) await setTimeout(50)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Already dead, as it should be.
  }
}

test.each([
  ['a worker', []],
  ['a worker whose environment does not show its run', ['hidden']],
])('resources that %s creates after its run was killed are removed once it is dead', async (_, how) => {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-late-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  writeFileSync(join(folder, 'dustpan.config.json'), '{}')
  const file = join(folder, 'left.txt')
  const program = join(import.meta.dirname, 'killed-with-worker.ts')
  const main = execa(process.execPath, [program, folder, file, ...how], { env: { DUSTPAN_REAPER: '1' }, reject: false })
  const [text] = await once(main.stdout, 'data')
  const { run, processes } = JSON.parse(String(text)) as { run: string; processes: readonly number[] }
  onTestFinished(() => processes.forEach(kill))
  const folded = () => foldRun(run, readRun(join(folder, '.dustpan'), run))

  main.kill('SIGKILL')
  await waitFor(() => existsSync(join(folder, '.dustpan', 'runs', run, 'report.json')))
  expect(folded().ended).toBe('lost')
  expect(existsSync(file)).toBe(false)
  writeFileSync(`${file}.late.go`, '')
  await waitFor(() => existsSync(`${file}.late.done`))
  expect(existsSync(`${file}.late`)).toBe(true)
  for (const pid of processes.toReversed()) {
    kill(pid)
    // The reaper checks once a second.
    if (how.length > 0) await setTimeout(2_500)
  }
  await waitFor(() => [...folded().resources.values()].every(({ state }) => state === 'removed'))
  expect([folded().resources.size, existsSync(`${file}.late`)]).toEqual([2, false])
})
