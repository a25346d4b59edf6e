/** `dustpan work`: watches for due resources and removes them in time. */
import type { CarryOut, Jobs, Settings } from '@dustpan/core/ledger'
import { onInterruption } from '@dustpan/core/runner'
import type { WorkOptions } from '../commands/work.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { settingsFor } from '../settings.ts'
import { alertingWorker } from './alerting.ts'
import { type Done, isFine } from './carry-out.ts'
import { lookout } from './lookout.ts'
import { sharedWork } from './shared-work.ts'
import { workOutput } from './work-output.ts'

export async function work(call: Call<WorkOptions>): Promise<ExitCode> {
  const settings = await settingsFor(call)
  const { jobs, exchange, withKnownRun } = await sharedWork(settings)
  const output = workOutput(call)
  const done: Done[] = []
  const report = (result: Done) => {
    if (call.options.once) done.push(result)
    output.done(result)
  }
  const stop = new AbortController()
  const carryOut = withKnownRun(alertingWorker(call, settings, stop.signal, report))
  await jobs.schedule(settings.schedule)
  const look = lookout(settings, jobs, exchange)
  if (!call.options.once) return stay({ settings, jobs, look, carryOut, output, stop })
  await look.look()
  return interruptible(call, settings, stop, async () => {
    stop.signal.addEventListener('abort', () => void jobs.stop())
    await jobs.workOff(carryOut)
    await jobs.stop()
    return done.every(isFine) ? exitCode.done : exitCode.left
  })
}

interface Work {
  readonly settings: Settings
  readonly jobs: Jobs
  readonly look: ReturnType<typeof lookout>
  readonly carryOut: CarryOut
  readonly output: ReturnType<typeof workOutput>
  readonly stop: AbortController
}

/** Works until a signal: the first finishes work in progress, the second exits at once. */
async function stay({ settings, jobs, look, carryOut, output, stop }: Work): Promise<ExitCode> {
  using _signals = onInterruption((count) => {
    if (count > 1) process.exit(exitCode.interrupted)
    stop.abort()
    void jobs.stop()
  })
  output.begun(settings)
  await Promise.all([look.keepLooking(stop.signal, output.failed), jobs.work(carryOut)])
  output.ended()
  return exitCode.done
}
