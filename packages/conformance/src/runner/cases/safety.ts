/** Cases: checks before the first test, and what an environment forbids. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Project } from '../../project.ts'
import type { Case } from '../case.ts'

/** A run that creates a user and is killed. */
const killed = (place: string): string => `
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const { ticket } = beginRun(await prepareSettings('.'), 'killed')
const session = await joinRun(ticket)
const scope = session.openScope(undefined, { kind: 'test', file: '${place}', path: ['was killed'], attempt: 0 })
await scope.run(async () => (await fetch(process.env.API + '/${place}/users', { method: 'POST' })).json())
await session.settled(5_000)
process.kill(process.pid, 'SIGKILL')
`

const afterKilledRun =
  (place: string) =>
  async ({ folder }: Project, env: Record<string, string>): Promise<void> => {
    await writeFile(join(folder, 'killed.js'), killed(place))
    await execa(process.execPath, ['killed.js'], { cwd: folder, env, reject: false })
  }

const passing = (place: string) => ({ [place]: `test('passes', {}, async () => { await create('users') })` })

/** Expected when no test began. */
const nothing = { ledger: [], runs: 0 }

export const safety: readonly Case[] = [
  {
    name: 'leftovers, removed at the start',
    files: {
      'leftovers-go': `test('does not find them', {}, async () => { assert.equal(await exists('users/1'), false) })`,
    },
    alone: {
      before: afterKilledRun('leftovers-go'),
      cleanup: { strategy: 'immediate' },
      config: 'atStart: { leftovers: true },',
    },
    expected: { ledger: ['was killed: user removed'], exit: 'passes' },
  },
  {
    name: 'what is refused at the start',
    files: passing('start-refused'),
    alone: { config: `environment: 'production', shadow: false, atStart: { tag: 'test-data' },` },
    expected: { ...nothing, says: ['DUSTPAN_PROFILE_REFUSED', "its profile has byPredicate: 'never'"] },
  },
  {
    name: 'access that is denied',
    files: passing('access-denied'),
    service: (api) => api.deny(/^verify-access$/),
    alone: { config: `access: { url: process.env.API + '/verify-access' },` },
    expected: { ...nothing, says: ['DUSTPAN_ACCESS_DENIED', 'Test mode is not enabled'] },
  },
  {
    name: 'an access check that gets no answer',
    files: passing('access-unanswered'),
    alone: { config: `access: { url: 'http://127.0.0.1:9/verify-access' },` },
    expected: { ...nothing, says: ['DUSTPAN_ACCESS_DENIED', 'Start the application before the tests.'] },
  },
  {
    name: 'tests in an unknown environment',
    files: passing('in-unknown'),
    alone: { config: `environment: 'prodution',` },
    expected: {
      ledger: ['passes (passed): user kept'],
      left: ['users/N'],
      exit: 'passes',
      says: [
        '1 kept',
        'as the environment "prodution" is not a known name and counts as production',
        'shadow mode: would have been removed',
      ],
    },
  },
]
