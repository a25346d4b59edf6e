/** A worker of `--parallel`, which runs several files, each with its own root suite. */
import { endOnSignal } from './interrupt.ts'
import { joinRun } from './run.ts'

export const isWorker = (): boolean => /[\\/]mocha[\\/]lib[\\/]nodejs[\\/]worker\.c?js$/.test(process.argv[1] ?? '')

export async function joinAsWorker(): Promise<Record<string, never>> {
  const run = await joinRun()
  if (run === undefined) process.exit(1) // The run is over: the pool started this worker to replace one that was ended.
  endOnSignal(() => run.session.interrupt())
  return {}
}
