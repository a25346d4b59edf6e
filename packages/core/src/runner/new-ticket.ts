/** Creates tickets for new runs. */
import { hasChanged } from '../config/changed.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { pidStart, thisProcess } from '../processes/process-identity.ts'
import { processStart } from '../processes/process-start.ts'
import { buildId, newRunId, sharedRunId } from '../tracking/run-id.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

/** For a run that this process begins. */
export function newTicket(settings: Settings, runner: string, environment: NodeJS.ProcessEnv = process.env): RunTicket {
  warnIfChanged(settings)
  const { pid, pidStart } = thisProcess()
  return ticketFor(newRunId(), { pid, pidStart }, settings, runner, environment)
}

/** Matters in watch mode. */
function warnIfChanged({ file }: Settings): void {
  if (file === undefined || !hasChanged(file)) return
  const message = `${file} changed after it was read; the previous version stays in effect.`
  printError(
    new DustpanError('DUSTPAN_CONFIG_CHANGED', message, { hint: 'Restart watch mode.' }),
    'DUSTPAN_CONFIG_CHANGED',
  )
}

/**
 * For a run that this process's parent does not know about: all children of that parent get the same run.
 * Undefined if the parent's start time is unknown: its pid alone is not unique.
 */
export function sharedTicket(
  settings: Settings,
  runner: string,
  environment: NodeJS.ProcessEnv = process.env,
): RunTicket | undefined {
  const begunAt = processStart(process.ppid)
  if (begunAt === undefined) return undefined
  const { host, boot, pidNs = '' } = thisProcess()
  const main = { pid: process.ppid, pidStart: pidStart(process.ppid) ?? String(begunAt) }
  const run = sharedRunId(begunAt, host, boot, pidNs, String(main.pid), main.pidStart)
  return ticketFor(run, main, settings, runner, environment)
}

function ticketFor(
  run: string,
  main: NonNullable<RunTicket['main']>,
  settings: Settings,
  runner: string,
  environment: NodeJS.ProcessEnv,
): RunTicket {
  const build = buildId(environment)
  const inherited = environment.DUSTPAN_RUN_ID
  return {
    run,
    runner,
    ...(build === undefined ? {} : { build }),
    ...(inherited ? { parentRun: inherited } : {}),
    main,
    settings: portable(settings),
  }
}

/** Functions cannot be serialised; workers load them from the file. The access key and the recipients of alerts are not for workers. */
function portable({ access: _access, alerts, ...settings }: Settings): Settings {
  const plain = {
    ...settings,
    ...(alerts ? { alerts: { ...alerts, to: [] } } : {}),
    cleanup: { ...settings.cleanup, hooks: [] },
  }
  return JSON.parse(JSON.stringify(plain)) as Settings
}
