/** Runs that do not end as they should. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from '../../api.ts'
import type { Case, Stage } from '../case.ts'

const interrupted = (name: string) => ({
  [name]: `
test('is interrupted', { timeout: 20_000 }, async () => {
  await create('users')
  remember('created')
  await sleep(15_000)
})`,
})

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
  void create('users?delay=5000')
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
    name: 'process.exit in a test',
    files: {
      exits: `test('exits', {}, async () => {
  await create('users')
  process.exit(3)
})`,
    },
    alone: { clean: true },
    expected: { ledger: ['exits: user removed'] },
  },
  {
    name: 'first Ctrl-C',
    files: interrupted('interrupted-once'),
    alone: {
      async during(stage) {
        await stage.until(created(stage, 'interrupted-once'))
        stage.signal('SIGINT')
      },
    },
    expected: { ledger: ['is interrupted (interrupted): user removed'] },
  },
  {
    name: 'second Ctrl-C',
    files: interrupted('interrupted-twice'),
    service: (api) => api.slow(/^interrupted-twice/, 4_000),
    alone: {
      clean: true,
      async during(stage) {
        await stage.until(created(stage, 'interrupted-twice'))
        stage.signal('SIGINT')
        await stage.until(() => stage.api.requests.some(isRemovalOf('interrupted-twice')))
        stage.signal('SIGINT')
      },
    },
    expected: { ledger: ['is interrupted: user removed'] },
  },
]

const isRemovalOf =
  (place: string) =>
  ({ method, path }: Api['requests'][number]): boolean =>
    method === 'DELETE' && path.startsWith(place)
