/** `dustpan doctor`: checks everything that tests need, and changes nothing. */
import { resolve } from 'node:path'
import { redact } from '@dustpan/core/ledger'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { openProject } from '../project/project.ts'
import { toldError } from '../tell-error.ts'
import { type Check, wrong } from './check.ts'
import { configuration } from './checks/configuration.ts'
import { missingDrivers } from './checks/drivers.ts'
import { ledger } from './checks/ledger.ts'
import { nodeVersion, packages } from './checks/packages.ts'
import { reaper } from './checks/reaper.ts'
import { runners } from './checks/runners.ts'
import { sharedLedger } from './checks/shared-ledger.ts'
import { stores } from './checks/stores.ts'
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
  const standing = [
    ...one('Node', () => [nodeVersion()]),
    ...one('Packages', () => packages(project)),
    ...checks,
    ...one('Runners', () => runners(project)),
  ]
  if (!settings) return standing
  call.terminal.progress('Checking the stores …')
  const [armed, shared, answers] = await Promise.all([
    reaper(settings, timeout),
    sharedLedger(settings, timeout),
    stores(settings, timeout),
  ])
  call.terminal.progress('')
  return [
    ...standing,
    ...one('Ledger', () => ledger(settings, project)),
    ...shared,
    armed,
    ...answers,
    ...one('Drivers', () => missingDrivers(settings, project, call.environment)),
  ]
}

/** A check that fails hides no other. */
function one(subject: string, check: () => readonly Check[]): readonly Check[] {
  try {
    return check()
  } catch (error) {
    return [wrong(subject, `check failed: ${toldError(error).message}`)]
  }
}

/** Messages of stores and configurations may quote secrets. */
function withoutSecrets(check: Check): Check {
  const { message, fix } = check
  return { ...check, message: redact(message), ...(fix === undefined ? {} : { fix: redact(fix) }) }
}
