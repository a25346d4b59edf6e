/** Finds a run that was killed before it recorded anything: the application logs in the databases may contain it. */
import { DustpanError, isDustpanError } from '@dustpan/core'
import { applicationLogs } from '@dustpan/core/ledger'
import { findRun } from '../find-run.ts'
import type { settingsFor } from '../settings.ts'

type Settings = Awaited<ReturnType<typeof settingsFor>>

/**
 * A logged run needs its whole id. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` as `findRun` does, and for a run that may be in
 * progress elsewhere.
 */
export async function findRecordedOrLogged(settings: Settings, wanted: string): Promise<string | undefined> {
  try {
    return findRun(settings.dir, wanted)
  } catch (error) {
    if (!isId.test(wanted) || !isDustpanError(error) || !(await isLogged(settings, wanted))) throw error
    return wanted
  }
}

/** The id becomes the name of a folder. */
const isId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/

async function isLogged(settings: Settings, wanted: string): Promise<boolean> {
  if (!settings.drivers.some(({ options }) => (options as { application?: unknown }).application)) return false
  let found = false
  for (const log of await applicationLogs(settings)) {
    const { waiting } = await log.status([])
    const entry = waiting.find(({ run }) => run === wanted)
    if (entry?.atWork) throw atWork(wanted, log.driver)
    found ||= entry !== undefined
  }
  return found
}

const atWork = (run: string, driver: string): DustpanError =>
  new DustpanError(
    'DUSTPAN_UNKNOWN_RUN',
    `Run ${run} is in the log of ${driver}, but may still be in progress elsewhere.`,
    {
      hint: 'Nothing was touched. Clean it up where it runs or, if it was killed, ten minutes after it was last seen.',
    },
  )
