/**
 * `dustpan ci prepare`: begin a run → run the module → keep what it created and pass the record on; after a failure, remove it
 * again.
 */
import { existsSync } from 'node:fs'
import { DustpanError, type PrepareContext } from '@dustpan/core'
import { newTicket, verifyAccess } from '@dustpan/core/begin'
import { type Settings, shipRun } from '@dustpan/core/ledger'
import { beginRun, type RunTicket } from '@dustpan/core/runner'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'
import { shadowText } from '../shadow.ts'
import { buildOf } from './build.ts'
import { keepPrepared, preparedText } from './keep-prepared.ts'
import { runModule } from './module-process.ts'
import { type Outputs, outputsFor, type Variables } from './outputs.ts'
import { ids, preparedVariables, variablesAfterFailure } from './passed-on.ts'
import type { Prepared } from './prepared.ts'
import { outputsOf } from './returned.ts'
import { undo } from './undo.ts'

const runner = 'dustpan ci prepare'

export async function ciPrepare(call: Call<CiPrepareOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const settings = await settingsFor(call)
  const file = moduleOf(settings)
  const environment = { ...call.environment, DUSTPAN_BUILD_ID: requiredBuild(call) }
  const outputs = outputsFor(call)
  if (settings.shadow) return inShadow(settings, file, environment, outputs, call)
  await verifyAccess(settings)
  const run = beginRun({ ...settings, ...preparationSettings(settings) }, runner, environment)
  const context = contextOf(run.ticket, settings)
  outputs.begin(ids(context))
  const prepared = await runModule(file, context, run.ticket, call, environment)
  try {
    const others = returnedBy(prepared, file)
    const report = await keepPrepared(run, settings, context, options.keepFor)
    await ship(settings, context, options)
    outputs.write(preparedVariables(settings, context, others, outputs, options))
    terminal.writeError(preparedText(context, report))
    return exitCode.done
  } catch (error) {
    const left = await undo(run, settings, terminal)
    outputs.write(variablesAfterFailure(settings, context, left, outputs, options))
    throw error
  }
}

/** Ships the run to the shared ledger, if there is one. A failure is ignored if the record is passed on. */
async function ship(settings: Settings, { testId }: PrepareContext, { record }: CiPrepareOptions): Promise<void> {
  try {
    await shipRun(settings, testId)
  } catch (error) {
    if (!record) throw error
  }
}

function requiredBuild(call: Call<CiPrepareOptions>): string {
  const build = buildOf(call)
  if (build === undefined || !/^[\w.:/@+-]{1,200}$/.test(build))
    throw new DustpanError(
      'DUSTPAN_INVALID_ARGUMENT',
      build === undefined
        ? 'No build id given, and none set by a CI system.'
        : `${JSON.stringify(build)} is not a valid build id.`,
      { hint: 'Set it: dustpan ci prepare --build nightly-7.' },
    )
  return build
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
function moduleOf({ prepare, file: configuration = 'dustpan.config.ts' }: Settings): string {
  if (prepare !== undefined && existsSync(prepare)) return prepare
  const why = prepare === undefined ? 'prepare: no module set' : `prepare: the file ${prepare} does not exist`
  throw new DustpanError('DUSTPAN_CONFIG_INVALID', `${configuration} is wrong: ${why}.`, {
    hint: "Set prepare: './test-data.ts'. The default export of the module is an async function that creates what the tests need.",
  })
}

/** Settings until the preparation is complete: should a process die half-way, everything is removed with the run. */
const preparationSettings = ({ cleanup }: Settings): Partial<Settings> => ({
  lifetime: 'run',
  cleanup: { ...cleanup, strategy: 'immediate', autoCleanup: true },
})

const contextOf = ({ run, build = '' }: RunTicket, { environmentName }: Settings): PrepareContext => ({
  build,
  testId: run,
  environment: environmentName,
})

function returnedBy({ returned, failed }: Prepared, file: string): Variables {
  if (returned !== undefined) return outputsOf(returned)
  throw new DustpanError('DUSTPAN_PREPARE_FAILED', `${file} failed: ${failed}.`, {
    hint: 'What it created was removed, except for failures reported above. Fix the module, and run the job again.',
  })
}

/** Creates nothing, but passes ids on to later jobs. */
function inShadow(
  settings: Settings,
  file: string,
  environment: NodeJS.ProcessEnv,
  outputs: Outputs,
  call: Call<CiPrepareOptions>,
): ExitCode {
  const context = contextOf(newTicket(settings, runner, environment), settings)
  call.terminal.writeError(shadowText(settings, `skips ${file}, which would prepare data for build ${context.build}`))
  outputs.write(preparedVariables(settings, context, {}, outputs, call.options))
  return exitCode.done
}
