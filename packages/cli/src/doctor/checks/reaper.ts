/** Whether the reaper would clean up after a killed run. */
import { type Settings, testReaper } from '@dustpan/core/ledger'
import { type Check, fine, warning, wrong } from '../check.ts'

export async function reaper(settings: Settings, timeoutMs: number): Promise<Check> {
  if (!settings.reaper)
    return warning('Reaper', 'switched off: nothing cleans up after a killed run', {
      fix: 'Delete `reaper: false` from the configuration, or unset DUSTPAN_REAPER. Without the reaper, run `npx dustpan orphans` after a killed run.',
    })
  const why = await testReaper(settings, timeoutMs)
  if (why === undefined) return fine('Reaper', 'armed: started, self-test passed')
  return wrong('Reaper', `not armed: ${why}`, {
    fix: 'Fix the other problems first: the reaper loads the same drivers.',
  })
}
