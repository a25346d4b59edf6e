/** A run, as the main process sees it: it begins it, sweeps what workers left, and writes its report. */

import { configFunctions } from '../config/functions.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import { thisProcess } from '../ledger/process-identity.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import { buildId, newRunId } from '../tracking/run-id.ts'
import { createDrivers } from './drivers.ts'
import { runHooks } from './hooks.ts'
import { type LedgerRun, openLedgerRun } from './ledger-run.ts'
import type { RunTicket } from './session.ts'

export interface MainRun {
  readonly ticket: RunTicket
  /**
   * Once all workers are done: cleans up what they could not, and writes report.json. Never rejects.
   * Undefined: nothing was tracked.
   */
  end(verdict: Verdict): Promise<CleanupReport | undefined>
}

/**
 * Finds and checks the configuration, drivers included.
 * @throws DustpanError with the path of the option, what was expected and what was found.
 */
export async function prepareSettings(cwd: string): Promise<Settings> {
  const settings = await loadSettings(cwd)
  await createDrivers(settings, configFunctions(settings.file))
  return settings
}

/** A run of its own; an inherited id is its parent's. Until it ends, `DUSTPAN_RUN_ID` names it for what this process starts. */
export function beginRun(settings: Settings, runner: string, environment: NodeJS.ProcessEnv = process.env): MainRun {
  const build = buildId(environment)
  const inherited = environment.DUSTPAN_RUN_ID
  const { pid, pidStart } = thisProcess()
  const ticket: RunTicket = {
    run: newRunId(),
    runner,
    ...(build === undefined ? {} : { build }),
    ...(inherited ? { parentRun: inherited } : {}),
    main: { pid, pidStart },
    settings: portable(settings),
  }
  environment.DUSTPAN_RUN_ID = ticket.run
  return {
    ticket,
    end(verdict) {
      if (inherited === undefined) delete environment.DUSTPAN_RUN_ID
      else environment.DUSTPAN_RUN_ID = inherited
      return endRun(ticket, settings, verdict)
    },
  }
}

/** Functions cannot travel; workers take them from the file when they need one. */
function portable(settings: Settings): Settings {
  const plain = { ...settings, cleanup: { ...settings.cleanup, hooks: [] } }
  return JSON.parse(JSON.stringify(plain)) as Settings
}

async function endRun(ticket: RunTicket, settings: Settings, verdict: Verdict): Promise<CleanupReport | undefined> {
  try {
    const run = await openLedgerRun(settings, ticket, 'main')
    if (!run) return undefined
    await using open = run
    // Somebody may be cleaning this run from the command line.
    using _lock = lockRun(settings.dir, ticket.run)
    await open.sweep(verdict)
    await runHooks(settings, open)
    return writtenReport(open)
  } catch (error) {
    tell(error, 'DUSTPAN_CLEANUP_FAILED')
    return undefined
  }
}

/** Where the file cannot be written, the report is told all the same. */
function writtenReport(run: LedgerRun): CleanupReport {
  try {
    return run.writeReport()
  } catch (error) {
    tell(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    return run.report()
  }
}

function tell(error: unknown, otherwise: Code): void {
  const { code, message, hint } = describeError(error, otherwise)
  process.stderr.write(`dustpan: ${code}: ${redact(message)}${hint === undefined ? '' : ` ${hint}`}\n`)
}
