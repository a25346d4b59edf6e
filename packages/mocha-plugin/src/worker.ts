/** A worker of `--parallel`. It runs several files, each with a root suite of its own. */
import { endWhenTold } from './interrupt.ts'
import { joinRun } from './run.ts'

export const isWorker = (): boolean => /[\\/]mocha[\\/]lib[\\/]nodejs[\\/]worker\.c?js$/.test(process.argv[1] ?? '')

export async function joinAsWorker(): Promise<Record<string, never>> {
  const run = await joinRun()
  if (run === undefined) process.exit(1) // The run is over: the pool started this worker in place of one that was ended.
  endWhenTold(() => run.session.interrupt())
  return {}
}
