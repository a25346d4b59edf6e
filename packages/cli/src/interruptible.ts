/**
 * Ctrl-C during a removal or restore: finishes and reports work in progress, within a time limit. A second Ctrl-C exits at
 * once.
 */
import type { Settings } from '@dustpan/core/ledger'
import { onInterruption } from '@dustpan/core/runner'
import type { Call } from './commands.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

/** @param stop aborted on Ctrl-C, after which `act` begins no further work */
export async function interruptible(
  { terminal }: Pick<Call<unknown>, 'terminal'>,
  { cleanup: { interruptTimeoutMs } }: Settings,
  stop: AbortController,
  act: () => Promise<ExitCode>,
): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined
  const leave = () => {
    terminal.progress('')
    terminal.writeError(`dustpan: stopped. The outcome of work in progress is unknown: see npx dustpan list.\n`)
    process.exit(exitCode.interrupted)
  }
  using interruptions = onInterruption((count) => {
    if (count > 1) return leave()
    stop.abort()
    timer = setTimeout(leave, interruptTimeoutMs)
    terminal.progress('')
    terminal.writeError(
      `\ndustpan: interrupted. Finishing work in progress, for at most ${interruptTimeoutMs / 1000} s. Press Ctrl-C again to stop at once.\n`,
    )
  })
  try {
    const code = await act()
    return interruptions.count > 0 ? exitCode.interrupted : code
  } finally {
    clearTimeout(timer)
  }
}
