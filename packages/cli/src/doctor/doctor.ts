/** `dustpan doctor`: checks everything that tests need, and changes nothing. */
import { resolve } from 'node:path'
import { redact } from '@dustpan/core/ledger'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { errorInfo } from '../print-error.ts'
import { openProject } from '../project/project.ts'
import { type Check, wrong } from './check.ts'
import { configuration } from './checks/configuration.ts'
import { missingDrivers } from './checks/drivers.ts'
import { ledger } from './checks/ledger.ts'
import { nodeVersion, packages } from './checks/packages.ts'
import { reaper } from './checks/reaper.ts'
import { runners } from './checks/runners.ts'
import { sharedLedger } from './checks/shared-ledger.ts'
import { stores } from './checks/stores.ts'
import { uncaptured } from './checks/uncaptured.ts'
import { checksText } from './doctor-text.ts'

export async function doctor(call: Call<DoctorOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const checks = (await examine(call)).map(withoutSecrets)
  if (options.json) terminal.write(`${JSON.stringify({ checks }, null, 2)}\n`)
  else terminal.write(checksText(checks, terminal))
  return checks.some(({ state }) => state === 'wrong') ? exitCode.left : exitCode.done
}

async function examine(call: Call<DoctorOptions>): Promise<readonly Check[]> {
  const { timeout } = call.options
  const project = openProject(resolve(call.options.cwd ?? '.'))
  const { checks, settings } = await configuration(call, project.folder)
  const general = [
    ...checksOf('Node', () => [nodeVersion()]),
    ...checksOf('Packages', () => packages(project)),
    ...checks,
    ...checksOf('Runners', () => runners(project)),
    ...checksOf('Clients', () => uncaptured(project)),
  ]
  if (!settings) return general
  call.terminal.progress('Checking the stores …')
  const [reaperCheck, shared, storeResults] = await Promise.all([
    reaper(settings, timeout),
    sharedLedger(settings, timeout),
    stores(settings, timeout),
  ])
  call.terminal.progress('')
  return [
    ...general,
    ...checksOf('Ledger', () => ledger(settings, project)),
    ...shared,
    reaperCheck,
    ...storeResults,
    ...checksOf('Drivers', () => missingDrivers(settings, project, call.environment)),
  ]
}

/** Runs checks of one subject; if they throw, the error becomes a check. */
function checksOf(subject: string, check: () => readonly Check[]): readonly Check[] {
  try {
    return check()
  } catch (error) {
    return [wrong(subject, `check failed: ${errorInfo(error).message}`)]
  }
}

/** Messages of stores and configurations may quote secrets. */
function withoutSecrets(check: Check): Check {
  const { message, fix } = check
  return { ...check, message: redact(message), ...(fix === undefined ? {} : { fix: redact(fix) }) }
}
