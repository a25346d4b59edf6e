import { track } from '@dustpan/core'
import { type Jobs, loadSettings } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { lookout } from '../../src/work/lookout.ts'
import { openProject } from '../project.ts'

/** Jobs whose server is unreachable for the first request. */
function jobsAwayOnce() {
  const sent: string[] = []
  const send: Jobs['send'] = async (job) => {
    sent.push(job.do === 'clean-run' ? job.run : job.entry)
    if (sent.length === 1) throw new Error('the server is away')
  }
  return { sent, jobs: { send } as Jobs }
}

test('an unreachable server is reported, and the job is sent once at the next look', async () => {
  using project = openProject({ cleanup: { strategy: 'delayed', delay: '1h' } })
  const create = () => track({ type: 'file', id: project.file('later.txt') })
  const run = await project.run({ later: { verdict: 'passed', create } })
  const { sent, jobs } = jobsAwayOnce()
  const { look, keepLooking } = lookout(await loadSettings(project.folder, {}), jobs, async () => {})
  const messages: string[] = []
  const stop = new AbortController()
  await keepLooking(stop.signal, ({ message }) => {
    messages.push(message)
    stop.abort()
  })
  expect([messages, sent]).toEqual([['the server is away'], [run]])
  await look()
  await look()
  expect(sent).toEqual([run, run])
})
