/** Whether somebody would clean up after a run that is killed. */
import { type Settings, testReaper } from '@dustpan/core/ledger'
import { type Check, fine, warning, wrong } from '../check.ts'

export async function reaper(settings: Settings, timeoutMs: number): Promise<Check> {
  if (!settings.reaper)
    return warning('Reaper', 'switched off: after a run that is killed, nothing cleans up', {
      mend: 'Take `reaper: false` out of the configuration, or DUSTPAN_REAPER=0 out of the environment. Without it, run `npx dustpan orphans` after such a run.',
    })
  const why = await testReaper(settings, timeoutMs)
  if (why === undefined) return fine('Reaper', 'armed: started, and its self-test has passed')
  return wrong('Reaper', `not armed: ${why}`, {
    mend: 'Mend what else is wrong here first: it loads the same drivers.',
  })
}
