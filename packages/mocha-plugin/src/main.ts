/** In Mocha's main process: begins and ends the run; in watch mode one run after another. */
import { blockIfInterrupted, endInOrder } from './interrupt.ts'
import type { Runner } from './mocha.ts'
import type { MochaInstance } from './mocha-class.ts'
import { beginRun, currentRun, currentTicket, endRun, shareRun } from './run.ts'
import { takeOverWorkers } from './worker-pool.ts'

/** In watch mode Mocha has no runner yet. */
type FixtureContext = Runner | Record<string, never>

let isWatching = false
let signals: Disposable | undefined

/** @throws DustpanError for a mistake in the configuration. */
export async function beginAsMain() {
  await beginRun()
  return { globalSetup: suspend, begin, end }
}

/**
 * Suspends tracking during global fixtures: what they create may outlive the run. A server that they start is tracked
 * afterwards.
 */
function suspend(): void {
  const run = currentRun()
  run.suspension = run.session.suspend()
}

function begin({ options }: MochaInstance): void {
  isWatching = options.watch === true
  currentRun().scopes.top().switchTo()
  if (options.parallel === true) shareRun()
}

async function end(failures: number): Promise<number> {
  const fails = await endRun(failures > 0 ? 'failed' : 'passed')
  await blockIfInterrupted()
  signals?.[Symbol.dispose]()
  // Begun at once, so that what the next run's files create while they are loaded belongs to it.
  if (isWatching) await beginRun()
  return fails ? Math.max(1, failures) : failures
}

/** In watch mode Mocha handles the signals. */
export function mochaGlobalSetup(this: FixtureContext): void {
  if (!isRunner(this)) return
  const { timeoutMs } = currentRun().session.settings.cleanup
  const endWorkers = this.isParallelMode() ? takeOverWorkers(this, timeoutMs) : undefined
  signals = endInOrder(currentTicket(), () => endRun('interrupted', endWorkers))
}

/** In watch mode this is called when Mocha receives a signal to end. */
export async function mochaGlobalTeardown(this: FixtureContext): Promise<void> {
  if (!isRunner(this)) await endRun('interrupted')
}

const isRunner = (context: FixtureContext): context is Runner => typeof context.isParallelMode === 'function'
