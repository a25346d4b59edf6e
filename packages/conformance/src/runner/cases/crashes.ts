/** Cases: runs that crash or are interrupted. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from '../../api.ts'
import { processExit } from '../../process-exit.ts'
import type { Case, Stage } from '../case.ts'

const interrupted = (name: string) => ({
  [name]: `
test('is interrupted', { timeout: 20_000 }, async () => {
  await create('users')
  remember('created')
  await sleep(15_000)
})`,
})

/** Enough time for an orderly end on a busy machine. */
const patient = { interruptTimeout: '2m' }

const created =
  ({ project }: Stage, place: string) =>
  () =>
    existsSync(join(project.folder, `${place}.txt`))

export const crashes: readonly Case[] = [
  {
    name: 'SIGKILL of a worker',
    files: {
      'killed-a': `test('is killed', {}, async () => {
  await create('users')
  process.kill(process.pid, 'SIGKILL')
  await sleep(5_000)
})`,
      'killed-b': `test('passes', {}, async () => { await create('orders') })`,
    },
    alone: { mode: 'two workers' },
    expected: { ledger: ['is killed: user kept', 'passes (passed): order removed'], left: ['users/N'] },
  },
  {
    name: 'SIGKILL of a worker while a create is in flight',
    files: {
      'killed-in-flight-a': `test('is killed', {}, async () => {
  void create('after-5000/users')
  await sleep(1_000)
  process.kill(process.pid, 'SIGKILL')
  await sleep(5_000)
})`,
      'killed-in-flight-b': `test('passes', {}, async () => { await create('orders') })`,
    },
    alone: { mode: 'two workers' },
    expected: { ledger: ['passes (passed): order removed'], left: ['users/N'], intents: 1 },
  },
  {
    name: 'SIGKILL of everything',
    files: interrupted('all-killed'),
    alone: {
      env: { DUSTPAN_REAPER: '1' },
      cleanup: { strategy: 'immediate' },
      async during(stage) {
        await stage.until(created(stage, 'all-killed'))
        stage.signal('SIGKILL')
        await reaped(stage)
      },
    },
    expected: { ledger: ['is interrupted: user removed'] },
  },
  {
    name: 'process.exit in a test',
    files: {
      exits: `test('exits', {}, async () => {
  await create('users')
  ${processExit}
})`,
    },
    alone: { clean: true },
    expected: { ledger: ['exits: user removed'] },
  },
  {
    name: 'first Ctrl-C',
    files: interrupted('interrupted-once'),
    alone: {
      cleanup: patient,
      async during(stage) {
        await stage.until(created(stage, 'interrupted-once'))
        stage.signal('SIGINT')
      },
    },
    expected: { ledger: ['is interrupted (interrupted): user removed'] },
  },
  {
    name: 'first Ctrl-C, and no time to clean up',
    files: interrupted('interrupted-late'),
    alone: {
      cleanup: { strategy: 'immediate', interruptTimeout: '2s' },
      clean: true,
      during: (stage) => interruptRemoval(stage, 'interrupted-late', 0),
    },
    expected: { ledger: ['is interrupted: user removed'], says: ['1 tracked · 0 removed'] },
  },
  {
    name: 'second Ctrl-C',
    files: interrupted('interrupted-twice'),
    alone: { cleanup: patient, clean: true, during: (stage) => interruptRemoval(stage, 'interrupted-twice', 1) },
    expected: { ledger: ['is interrupted: user removed'], says: ['1 tracked · 0 removed'] },
  },
  {
    name: 'third Ctrl-C',
    files: interrupted('interrupted-thrice'),
    alone: { cleanup: patient, clean: true, during: (stage) => interruptRemoval(stage, 'interrupted-thrice', 2) },
    expected: { ledger: ['is interrupted: user removed'] },
  },
]

/** Sends Ctrl-C, then `more` of them once an endless removal has begun, and waits for the end of the runner. */
async function interruptRemoval(stage: Stage, place: string, more: number): Promise<void> {
  using _slow = stage.api.slow(new RegExp(`^${place}`), 200_000)
  await stage.until(created(stage, place))
  stage.signal('SIGINT')
  if (more > 0) await stage.until(() => stage.api.requests.some(isRemovalOf(place)))
  for (let i = 0; i < more; i++) stage.signal('SIGINT')
  await stage.until(() => false)
}

/** Waits for the report of the reaper, as the runner is dead. */
async function reaped({ project }: Stage): Promise<void> {
  while (project.report() === undefined) await sleep(50)
}

const isRemovalOf =
  (place: string) =>
  ({ method, path }: Api['requests'][number]): boolean =>
    method === 'DELETE' && path.startsWith(place)
