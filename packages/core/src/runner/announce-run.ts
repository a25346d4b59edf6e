/** Announces a run in the configured stores for as long as it goes on. */
import { untilDeadline } from '../cleanup/deadline.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { createDrivers } from '../stores/drivers.ts'
import { runStart } from '../tracking/run-id.ts'
import { type AtWork, atWork } from './at-work.ts'

/** The longest that the first test waits for a store. */
const patienceMs = 1_000

/** Returns a function that withdraws the announcement. Never rejects: driver errors are reported where tests run. */
export async function announceRun(settings: Settings, run: string): Promise<AtWork['over']> {
  let over: AtWork['over'] = async () => {}
  if (settings.disabled) return over
  try {
    const drivers = await createDrivers(settings, configFunctions(settings.file), runStart(run)?.from)
    const present = atWork({
      ...{ settings, drivers, run, writer: '' },
      asOwn: (work) => work(),
      // Other problems are reported when resources are tracked in that store.
      warn(code, message) {
        if (code === 'DUSTPAN_LOG_MISSING') printError(new DustpanError(code, message), code)
      },
    })
    over = present.over
    const announcing = [...drivers.values()].map(async (driver) => {
      const id = driver.announce && driver.ownStore?.()
      if (id !== undefined) await present.in({ driver: driver.name, id })
    })
    await untilDeadline(clock.now() + patienceMs, () => Promise.all(announcing))
  } catch {}
  return over
}
