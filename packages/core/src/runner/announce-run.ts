/** Says in the stores of the configuration that a run is at work, as long as it is. */
import { untilDeadline } from '../cleanup/deadline.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { tell } from '../errors/tell.ts'
import { createDrivers } from '../stores/drivers.ts'
import { runStart } from '../tracking/run-id.ts'
import { type AtWork, atWork } from './at-work.ts'

/** No test waits longer for a store that gives no answer. */
const patienceMs = 1_000

/** Gives how to say that it is over. Never rejects: what is wrong with drivers is told where tests run. */
export async function announceRun(settings: Settings, run: string): Promise<AtWork['over']> {
  let over: AtWork['over'] = async () => {}
  if (settings.disabled) return over
  try {
    const drivers = await createDrivers(settings, configFunctions(settings.file), runStart(run)?.from)
    const present = atWork({
      ...{ settings, drivers, run, writer: '' },
      asOwn: (work) => work(),
      // A store that is away, or may not be reached: what is tracked there says so.
      warn(code, message) {
        if (code === 'DUSTPAN_LOG_MISSING') tell(new DustpanError(code, message), code)
      },
    })
    over = present.over
    const told = [...drivers.values()].map(async (driver) => {
      const id = driver.announce && driver.ownStore?.()
      if (id !== undefined) await present.in({ driver: driver.name, id })
    })
    await untilDeadline(clock.now() + patienceMs, () => Promise.all(told))
  } catch {}
  return over
}
